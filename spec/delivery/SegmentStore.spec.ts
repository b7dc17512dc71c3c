import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SegmentStore } from "../../lib/delivery/SegmentStore.js";

describe("a disk that fails", () => {
  let home: string;
  let now: number;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "land-store-"));
    now = 1_000_000;
    jest.spyOn(performance, "now").mockImplementation(() => now);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(home, { recursive: true, force: true });
  });

  it("is tried again after a second, then after pauses that double up to a minute, and after a second again once it has worked", () => {
    const blocked = join(home, "spool");
    writeFileSync(blocked, "a file where the folder should be");
    const store = new SegmentStore(join(blocked, "otlp"), 1_024);
    const works = () => store.append("id", "line\n", 5) !== undefined;
    /** Seconds until the disk is tried again, which is seen by its working for that one try. */
    const pause = (): number => {
      for (let seconds = 1; seconds <= 120; seconds++) {
        now += 1_000;
        rmSync(blocked, { recursive: true, force: true });
        const worked = works();
        if (worked) return seconds;
        writeFileSync(blocked, "");
      }
      return Infinity;
    };
    expect(works()).toBe(false);
    expect(pause()).toBe(1);
    store.close();

    const pauses: number[] = [];
    rmSync(blocked, { recursive: true, force: true });
    writeFileSync(blocked, "");
    let tries = 0;
    jest.spyOn(store as unknown as { writable(): unknown }, "writable").mockImplementation(() => {
      tries += 1;
      throw new Error("no");
    });
    for (let seconds = 0, last = 0, seen = 0; seconds < 200; seconds++, now += 1_000) {
      works();
      if (tries === seen) continue;
      pauses.push(seconds - last);
      [last, seen] = [seconds, tries];
    }
    expect(pauses).toEqual([0, 1, 2, 4, 8, 16, 32, 60, 60]);
  });
});
