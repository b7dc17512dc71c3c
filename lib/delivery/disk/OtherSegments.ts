import type { Segment } from "./Segment.js";
import type { SegmentFile, SegmentFolder } from "./SegmentFolder.js";
import { monotonicMs } from "../../shared/timers.js";

/** Maximum files in a folder, including those of other processes; listing that many takes about 10 ms. */
export const MAX_FILES = 4_096;
/** Maximum names read per listing; adoption reads any number of them. */
export const MAX_NAMES = 4 * MAX_FILES;
/** The other processes' files are listed again after this, in ms. */
const LOOK_MS = 1_000;

/** The segments of other processes in the folder, as of the last listing. */
export class OtherSegments {
  bytes = 0;
  files = 0;
  private lookedAt = -Infinity;
  private readonly byName = new Map<string, SegmentFile>();

  /** The files that may still be given up. */
  get candidates(): readonly SegmentFile[] {
    return [...this.byName.values()];
  }

  /** Lists the folder again, leaving out the files in `own`; false when that is not due yet. */
  look(folder: SegmentFolder, own: ReadonlySet<string>): boolean {
    if (monotonicMs() - this.lookedAt < LOOK_MS) return false;
    this.byName.clear();
    let names = 0;
    for (const file of folder.files()) {
      if (file !== undefined && !own.has(file.name)) this.byName.set(file.name, file);
      if (this.byName.size > MAX_FILES || ++names > MAX_NAMES) break;
    }
    this.bytes = this.candidates.reduce((sum, { size }) => sum + size, 0);
    this.files = this.byName.size;
    this.lookedAt = monotonicMs();
    return true;
  }

  /** Takes over a file that nobody uses any more. Whether or not that succeeds, it is no longer a candidate. */
  claim(folder: SegmentFolder, file: SegmentFile): Segment | undefined {
    const isKnown = this.byName.delete(file.name);
    const segment = folder.claim(file);
    if (segment !== undefined && isKnown) {
      this.bytes -= file.size;
      this.files--;
    }
    return segment;
  }
}
