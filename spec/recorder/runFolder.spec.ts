import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { SegmentFolder } from "../../lib/delivery/disk/SegmentFolder.js";
import { currentOwner, segmentName } from "../../lib/delivery/disk/segmentOwner.js";
import { findRuns } from "../../lib/recorder/runFolder.js";
import { DEAD, leave, newFolder, runStart } from "./support.js";

/** As many segments as a spool may have. */
const SEGMENTS = 4_096;
const MAX_RUNS = 256;

function leaveRuns(folder: string, count: number): void {
  for (let run = 0; run < count; run++)
    leave(folder, "run", [{ start: runStart({ session: `${run}` }) }]);
}
const found = (folder: string): number =>
  findRuns(new SegmentFolder(folder, currentOwner(), "run")).length;

describe("the runs in a folder", () => {
  it("are found among as many segments as a spool may have", () => {
    const folder = newFolder();
    leaveRuns(folder, 10);
    for (let segment = 0; segment < SEGMENTS; segment++)
      writeFileSync(join(folder, segmentName(DEAD, false)), "", { mode: 0o600 });
    leaveRuns(folder, 10);
    expect(found(folder)).toBe(20);
  });

  it("are read up to a limit", () => {
    const folder = newFolder();
    leaveRuns(folder, MAX_RUNS + 10);
    expect(found(folder)).toBe(MAX_RUNS);
  });
});
