import { join } from "node:path";
import { MAX_NAMES } from "../delivery/disk/OtherSegments.js";
import type { SegmentFile } from "../delivery/disk/SegmentFolder.js";
import { SegmentFolder } from "../delivery/disk/SegmentFolder.js";
import { isSameProcess, type SegmentOwner } from "../delivery/disk/segmentOwner.js";
import { attempt } from "../shared/attempt.js";
import { fs } from "../shared/fs.js";
import { formatLine } from "./recordLine.js";
import type { RunRecord, Witness } from "./runRecord.js";
import { MAX_RUN_BYTES, parseRun } from "./runRecord.js";

/** Maximum run files read; far fewer are kept, so if there are more, someone else is filling the folder. */
const MAX_RUNS = 256;

/** A run file that was found, and its content. */
export interface FoundRun {
  readonly file: SegmentFile;
  readonly record: RunRecord;
}

/** The readable runs in a folder, whatever else it contains. Never throws. */
export function findRuns(folder: SegmentFolder): readonly FoundRun[] {
  const found: FoundRun[] = [];
  let names = 0;
  let files = 0;
  for (const file of folder.files()) {
    // The segments of the pipe are in the same folder.
    if (++names > MAX_NAMES) break;
    if (file === undefined) continue;
    if (++files > MAX_RUNS) break;
    const bytes = attempt(() => readStart(join(folder.path, file.name), MAX_RUN_BYTES));
    const record = bytes && parseRun(bytes, file.modifiedAt);
    if (record !== undefined) found.push({ file, record });
  }
  return found;
}

/** Reads up to `maxBytes` from the start of a file. Throws what the file system throws. */
export function readStart(path: string, maxBytes: number): Buffer {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  const fd = fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const bytes = Buffer.allocUnsafe(Math.min(fs.fstatSync(fd).size, maxBytes));
    return bytes.subarray(0, fs.readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    fs.closeSync(fd);
  }
}

/** Writes what a parent saw of its child's end to the child's run file, if it has one. Never throws. */
export function writeWitness(
  directory: string,
  self: SegmentOwner,
  child: SegmentOwner,
  seen: Witness,
): void {
  const folder = new SegmentFolder(directory, self, "run");
  for (const { file, record } of findRuns(folder))
    if (isSameProcess(record.start.owner, child))
      attempt(() => appendLines(join(folder.path, file.name), file.modifiedAt, { witness: seen }));
}

/** Appends a line to another process's run file, after one with the file's time: that process's last sign of life. */
export function appendLines(path: string, modifiedAt: number, content: object): void {
  const { O_WRONLY, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  const fd = fs.openSync(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK);
  try {
    // The newline ends a line that may be torn.
    fs.writeSync(fd, `\n${formatLine({ seen: modifiedAt })}${formatLine(content)}`);
  } finally {
    fs.closeSync(fd);
  }
}
