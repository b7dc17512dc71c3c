import { join } from "node:path";
import { attempt } from "../../shared/attempt.js";
import { fs } from "../../shared/fs.js";
import { MAX_SEGMENT_READ, Segment } from "./Segment.js";
import type { OwnedKind, SegmentOwner } from "./segmentOwner.js";
import { isOwnerAlive, parseSegmentName, segmentName } from "./segmentOwner.js";
import { isPrivateFile, isPrivateFolder, makeDirectory } from "./spoolPaths.js";

/** Names read from the directory at a time. */
const NAMES_AT_ONCE = 256;

/** A file with a segment's name, which only this user can have written. */
export interface SegmentFile {
  readonly name: string;
  readonly owner: SegmentOwner;
  /** Whether it may contain urgent records, according to its name. */
  readonly urgent: boolean;
  readonly size: number;
  readonly modifiedAt: number;
}

/**
 * The folder of one pipe and destination. Nothing in it is trusted: anything that is not a regular file of this user,
 * or that others can write to, is ignored, and so is the whole folder when it is a link or others can write to it.
 */
export class SegmentFolder {
  /** Threads of this process that have ended. */
  readonly endedThreads = new Set<number>();

  constructor(
    readonly path: string,
    readonly self: SegmentOwner,
    private readonly kind: OwnedKind = "ndjson",
  ) {}

  /**
   * Iterates over the folder. Yields undefined for each name that is not a segment's, so that the caller can let other
   * work run in between. However many names there are, every one gets its turn.
   */
  *files(): Generator<SegmentFile | undefined> {
    if (!isPrivateFolder(this.path)) return;
    const names = attempt(() => fs.opendirSync(this.path, { bufferSize: NAMES_AT_ONCE }));
    if (names === undefined) return;
    try {
      for (;;) {
        const entry = attempt(() => names.readSync());
        if (entry === undefined || entry === null) return;
        yield this.find(entry.name);
      }
    } finally {
      attempt(() => names.closeSync());
    }
  }

  /**
   * Up to `limit` files that nobody uses any more, oldest first. `pause` lets other work run in between; if it
   * resolves to false, this resolves to undefined.
   */
  async orphans(
    limit: number,
    pause: () => Promise<boolean>,
  ): Promise<readonly SegmentFile[] | undefined> {
    const found: SegmentFile[] = [];
    for (const file of this.files()) {
      if (!(await pause())) return undefined;
      if (file !== undefined && !this.isInUse(file)) found.push(file);
      if (found.length === limit) break;
    }
    return found.sort((a, b) => a.modifiedAt - b.modifiedAt);
  }

  /** Whether the owner of a file may still write to it. */
  isInUse({ owner, modifiedAt }: SegmentFile): boolean {
    return isOwnerAlive(owner, this.self, modifiedAt, this.endedThreads);
  }

  /**
   * Takes over the segment of a dead owner; undefined when that fails. Renaming decides between several processes: it
   * succeeds for one of them, and the others no longer find the file. The file's time is renewed first; otherwise a
   * process that cannot see this one would take the file away immediately.
   *
   * @param renews False for a file whose time is its owner's last sign of life, until that is written into the file.
   */
  claim({ name }: SegmentFile, renews = true): Segment | undefined {
    // What was read about the file earlier may be out of date.
    const file = this.find(name);
    if (file === undefined || this.isInUse(file)) return undefined;
    return attempt(() => {
      const [from, to] = [join(this.path, name), this.newPath(file.urgent)];
      const now = new Date();
      if (renews) fs.lutimesSync(from, now, now);
      fs.renameSync(from, to);
      const segment = Segment.open(to);
      segment.modifiedAt = file.modifiedAt;
      segment.urgent = file.urgent;
      return segment;
    });
  }

  /** Creates a segment of this process. Throws what the file system throws, and when others can write to the folder. */
  create(urgent: boolean): Segment {
    makeDirectory(this.path);
    if (!isPrivateFolder(this.path)) throw new Error("others can write to it");
    return Segment.create(this.newPath(urgent), urgent);
  }

  /** Leaves a segment for any process to adopt. Its time is set to that of its newest record, so that it can expire. */
  leave(segment: Segment): void {
    attempt(() => segment.touch(new Date(segment.modifiedAt)));
    attempt(() => segment.rename(join(this.path, segmentName(undefined, segment.urgent))));
  }

  private newPath(urgent: boolean): string {
    return join(this.path, segmentName(this.self, urgent, this.kind));
  }

  private find(name: string): SegmentFile | undefined {
    const parsed = parseSegmentName(name, this.kind);
    // Undefined when the file is gone by now, or the directory can be listed but not entered.
    const stat = parsed && attempt(() => fs.lstatSync(join(this.path, name)));
    if (parsed === undefined || stat === undefined || !isPrivateFile(stat)) return undefined;
    return { name, ...parsed, size: stat.size, modifiedAt: stat.mtimeMs };
  }
}

/** The file to delete first: any that is too large to be ours, then ordinary before urgent, each oldest first. */
export function leastValuable(
  files: readonly (SegmentFile | Segment)[],
  maxBytes: number,
): SegmentFile | Segment | undefined {
  const rank = ({ size, urgent }: SegmentFile | Segment): number =>
    size > Math.min(maxBytes, MAX_SEGMENT_READ) ? 0 : urgent ? 2 : 1;
  const isWorse = (a: SegmentFile | Segment, b: SegmentFile | Segment): boolean =>
    rank(a) === rank(b) ? a.modifiedAt < b.modifiedAt : rank(a) < rank(b);
  let worst = files[0];
  for (const file of files) if (worst !== undefined && isWorse(file, worst)) worst = file;
  return worst;
}
