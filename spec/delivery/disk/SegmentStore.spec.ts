import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SegmentStore } from "../../../lib/delivery/disk/SegmentStore.js";

describe("a disk that fails", () => {
  let home: string;
  let blocked: string;
  let store: SegmentStore;
  let now: number;
  beforeEach(() => {
    home = fs.mkdtempSync(join(tmpdir(), "land-store-"));
    blocked = join(home, "disk");
    fs.writeFileSync(blocked, "a file where the folder should be");
    store = new SegmentStore(join(blocked, "otlp"), 1_024);
    now = 1_000_000;
    jest.spyOn(performance, "now").mockImplementation(() => now);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    store.close();
    fs.rmSync(home, { recursive: true, force: true });
  });
  const append = (): boolean => store.append("id", "line\n", 5) !== undefined;

  /** The seconds at which the disk is asked for the folder, while a record comes every second. */
  function triesWithin(seconds: number): number[] {
    const tries: number[] = [];
    const asked = jest.spyOn(fs, "mkdirSync");
    for (let second = 0; second < seconds; second++, now += 1_000) {
      asked.mockClear();
      expect(append()).toBe(false);
      if (asked.mock.calls.length > 0) tries.push(second);
    }
    asked.mockRestore();
    return tries;
  }

  it("is tried again after a second, then after pauses that double up to a minute", () => {
    expect(triesWithin(200)).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183]);
  });

  it("is tried after a second again once it has worked", () => {
    triesWithin(10);
    fs.rmSync(blocked);
    now += 60_000;
    expect(append()).toBe(true);
    store.close();
    fs.rmSync(blocked, { recursive: true });
    fs.writeFileSync(blocked, "");
    expect(triesWithin(3)).toEqual([0, 1]);
  });
});
