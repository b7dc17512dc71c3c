import { fs } from "../../shared/fs.js";
import { wallMs } from "../../shared/timers.js";
import { isPrivateFile } from "./spoolPaths.js";

/** Readable and writable only by the owner, because the content was meant for one endpoint. */
const FILE_MODE = 0o600;
/** At most this many bytes of a file that was found are read; our own files are far smaller. */
export const MAX_SEGMENT_READ = 64 * 1024 * 1024;
const NEWLINE = Buffer.of(0x0a);

/**
 * One append-only file with one writer. When `append` returns, the system has the line: it survives the death of the
 * process, though not a power cut. Methods throw what the file system throws.
 */
export class Segment {
  /** The ids of the records in it that are not settled. */
  readonly live = new Set<string>();
  /** When its newest record was written, in ms of the wall clock. */
  modifiedAt = wallMs();
  private fd: number | undefined;

  private constructor(
    public path: string,
    public size: number,
    /** Whether it may contain urgent records. */
    public urgent: boolean,
  ) {}

  /** Creates a file; throws if it exists. */
  static create(path: string, urgent: boolean): Segment {
    const segment = new Segment(path, 0, urgent);
    segment.fd = fs.openSync(path, "ax+", FILE_MODE);
    return segment;
  }

  /** Opens an existing file. */
  static open(path: string): Segment {
    const segment = new Segment(path, 0, true);
    segment.size = fs.fstatSync(segment.open()).size;
    return segment;
  }

  /** Appends lines and returns their offset. On failure the file is truncated to its previous size. */
  append(lines: Uint8Array): number {
    const fd = this.open();
    // If the size has changed, someone else wrote to the file and may have left half a line.
    const { size } = fs.fstatSync(fd);
    const gap = size === this.size ? 0 : NEWLINE.length;
    const bytes = gap === 0 ? lines : Buffer.concat([NEWLINE, lines]);
    let written = 0;
    try {
      written = fs.writeSync(fd, bytes);
    } finally {
      if (written < bytes.byteLength) fs.ftruncateSync(fd, size);
    }
    if (written < bytes.byteLength) throw new Error("The disk accepted only part of a record.");
    this.size = size + written;
    this.modifiedAt = wallMs();
    return size + gap;
  }

  /** Reads a part of the file, into the caller's buffer if one is given. */
  read(offset: number, length: number, buffer = Buffer.allocUnsafe(length)): Buffer {
    return buffer.subarray(0, fs.readSync(this.open(), buffer, 0, length, offset));
  }

  /** Truncates the file if it is larger than `size`. */
  truncate(size: number): void {
    if (this.size <= size) return;
    fs.ftruncateSync(this.open(), size);
    this.size = size;
  }

  /** Sets the file's time, which shows that the owner is alive to those who cannot see the owner's process. */
  touch(now: Date): void {
    fs.lutimesSync(this.path, now, now);
  }

  /** Closes the file; the next use opens it again. */
  close(): void {
    const { fd } = this;
    this.fd = undefined;
    if (fd !== undefined) fs.closeSync(fd);
  }

  remove(): void {
    this.close();
    fs.rmSync(this.path, { force: true });
  }

  rename(path: string): void {
    this.close();
    fs.renameSync(this.path, path);
    this.path = path;
  }

  /** The checks are made on the opened file, so one that was replaced since it was listed is refused. */
  private open(): number {
    if (this.fd !== undefined) return this.fd;
    const { O_RDWR, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
    // Without O_NONBLOCK a FIFO would wait for a writer. Windows lacks two of these flags, and undefined counts as 0.
    const flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK;
    const fd = fs.openSync(this.path, flags);
    if (isPrivateFile(fs.fstatSync(fd))) return (this.fd = fd);
    fs.closeSync(fd);
    throw new Error(`${this.path} is not a file of this user alone.`);
  }
}
