import type { Segment } from "./Segment.js";
import type { SegmentFile, SegmentFolder } from "./SegmentFolder.js";
import { monotonicMs } from "../../shared/timers.js";

/** Files in a folder, those of other processes too: looking through them takes some 10 ms. */
export const MAX_FILES = 4_096;
/** Names that are gone through at once for that; adoption goes through any number of them. */
const MAX_NAMES = 4 * MAX_FILES;
/** What other processes have in the folder is looked up again after this, in ms. */
const LOOK_MS = 1_000;

/** What other processes have in the folder, as it was when it was last looked at. */
export class OtherSegments {
  bytes = 0;
  files = 0;
  private lookedAt = -Infinity;
  private readonly byName = new Map<string, SegmentFile>();

  /** The files that may yet be given up. */
  get candidates(): readonly SegmentFile[] {
    return [...this.byName.values()];
  }

  /** Looks again, all but the files of these names; false when that is not due yet. */
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

  /** Makes a file ours that nobody uses any more. It does not come into question again either way. */
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
