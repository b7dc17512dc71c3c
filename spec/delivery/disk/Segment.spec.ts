import fs, { readFileSync } from "node:fs";
import { join } from "node:path";
import { Segment } from "../../../lib/delivery/disk/Segment";
import { temporaryFolder } from "../../support/temporaryFolder";

describe("a segment", () => {
  let path: string;
  let segment: Segment;
  beforeEach(() => {
    path = join(temporaryFolder("land-segment-"), "file");
    segment = Segment.create(path, false);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    segment.close();
  });

  it("is cut back to its previous length if the disk takes only part of a line", () => {
    segment.append(Buffer.from("first\n"));
    const { writeSync } = fs;
    jest
      .spyOn(fs, "writeSync")
      .mockImplementationOnce(((fd: number, bytes: Buffer) =>
        writeSync(fd, bytes.subarray(0, 3))) as never);
    expect(() => segment.append(Buffer.from("second\n"))).toThrow();
    expect(readFileSync(path, "utf8")).toBe("first\n");
    expect(segment.append(Buffer.from("third\n"))).toBe("first\n".length);
    expect(readFileSync(path, "utf8")).toBe("first\nthird\n");
  });

  it("starts a new line after half a line that another process left", () => {
    segment.append(Buffer.from("first\n"));
    fs.appendFileSync(path, "half");
    expect(segment.append(Buffer.from("second\n"))).toBe("first\nhalf\n".length);
    expect(readFileSync(path, "utf8")).toBe("first\nhalf\nsecond\n");
  });

  it("reads a part into the given buffer", () => {
    segment.append(Buffer.from("first\n"));
    const buffer = Buffer.alloc(4);
    expect(segment.read(1, 4, buffer).buffer).toBe(buffer.buffer);
    expect(buffer.toString()).toBe("irst");
    expect(segment.read(4, 9).toString()).toBe("t\n");
  });
});
