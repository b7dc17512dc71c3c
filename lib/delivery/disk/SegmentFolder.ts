import { join } from "node:path";
import { attempt } from "../../shared/attempt.js";
import { fs } from "../../shared/fs.js";
import { MAX_SEGMENT_READ, Segment } from "./Segment.js";
import type { OwnedKind, SegmentOwner } from "./segmentOwner.js";
import { isOwnerAlive, parseSegmentName, segmentName } from "./segmentOwner.js";
import { isPrivateFile, isPrivateFolder, makeDirectory } from "./spoolPaths.js";

/** Names that the system is asked for at a time. */
const NAMES_AT_ONCE = 256;

/** A file that has a segment's name, and that nobody but this user can have written. */
export interface SegmentFile {
  readonly name: string;
  readonly owner: SegmentOwner;
  /** Whether there may be urgent records in it, as its name has it. */
  readonly urgent: boolean;
  readonly size: number;
  readonly modifiedAt: number;
}

/**
 * The folder of one pipe and destination. Nothing in it is trusted: what is not a regular file of this user, or may be
 * written by others, is passed over, and so is the whole folder when it is a link or may be written by others.
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
   * Goes through the folder, and gives undefined for each name that is no segment's, so that a caller may let others
   * run. However many there are, no name keeps another from its turn.
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
   * The files that nobody uses any more, at most so many, oldest first; undefined when `pause`, which lets others run
   * in between, resolves to false.
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
   * Makes the segment of a dead owner ours; undefined when it is not to be had. Renaming decides between several
   * processes: it succeeds for one of them, and the others no longer find the file. The time is renewed before that,
   * or a process which cannot see this one would take the file away at once.
   *
   * @param renews False for a file whose time is the last sign of life of its owner, until that is written into the file.
   */
  claim({ name }: SegmentFile, renews = true): Segment | undefined {
    // What was seen of the file may be old by now.
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

  /** A new segment of this process. Throws what the file system throws, and when the folder is not this user's alone. */
  create(urgent: boolean): Segment {
    makeDirectory(this.path);
    if (!isPrivateFolder(this.path)) throw new Error("it can be written by others");
    return Segment.create(this.newPath(urgent), urgent);
  }

  /** Leaves a segment to any process. Its time is that of what is in it, so that it ages. */
  leave(segment: Segment): void {
    attempt(() => segment.touch(new Date(segment.modifiedAt)));
    attempt(() => segment.rename(join(this.path, segmentName(undefined, segment.urgent))));
  }

  private newPath(urgent: boolean): string {
    return join(this.path, segmentName(this.self, urgent, this.kind));
  }

  private find(name: string): SegmentFile | undefined {
    const parsed = parseSegmentName(name, this.kind);
    // Undefined when it is gone by now, or in a directory that can be listed and not entered.
    const stat = parsed && attempt(() => fs.lstatSync(join(this.path, name)));
    if (parsed === undefined || stat === undefined || !isPrivateFile(stat)) return undefined;
    return { name, ...parsed, size: stat.size, modifiedAt: stat.mtimeMs };
  }
}

/** What is to go first: what is too large to be ours, then ordinary before urgent, each oldest first. */
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
