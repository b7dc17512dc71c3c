import { fs } from "../../shared/fs.js";
import { wallMs } from "../../shared/timers.js";
import { isPrivateFile } from "./spoolPaths.js";

/** Readable and writable by the owner alone: what is in it was meant for one endpoint. */
const FILE_MODE = 0o600;
/** A file that was found is read up to here, in bytes; nothing we write comes near. */
export const MAX_SEGMENT_READ = 64 * 1024 * 1024;
const NEWLINE = Buffer.of(0x0a);

/**
 * One append-only file with one writer. A line is on its way to the disk when `append` returns and survives the
 * death of the process, though not a power cut. Methods throw what the file system throws.
 */
export class Segment {
  /** The ids of the records in it whose fate is open. */
  readonly live = new Set<string>();
  /** When the newest of its records was written, by the wall clock, in ms. */
  modifiedAt = wallMs();
  private fd: number | undefined;

  private constructor(
    public path: string,
    public size: number,
    /** Whether there may be urgent records in it. */
    public urgent: boolean,
  ) {}

  /** A new file, which must not exist. */
  static create(path: string, urgent: boolean): Segment {
    const segment = new Segment(path, 0, urgent);
    segment.fd = fs.openSync(path, "ax+", FILE_MODE);
    return segment;
  }

  /** A file that is there. */
  static open(path: string): Segment {
    const segment = new Segment(path, 0, true);
    segment.size = fs.fstatSync(segment.open()).size;
    return segment;
  }

  /** Appends lines and returns where they start. On failure the file is cut back to what it was. */
  append(lines: Uint8Array): number {
    const fd = this.open();
    // Whoever else wrote into the file may have left half a line there.
    const { size } = fs.fstatSync(fd);
    const gap = size === this.size ? 0 : NEWLINE.length;
    const bytes = gap === 0 ? lines : Buffer.concat([NEWLINE, lines]);
    let written = 0;
    try {
      written = fs.writeSync(fd, bytes);
    } finally {
      if (written < bytes.byteLength) fs.ftruncateSync(fd, size);
    }
    if (written < bytes.byteLength) throw new Error("The disk took only a part of a record.");
    this.size = size + written;
    this.modifiedAt = wallMs();
    return size + gap;
  }

  /** Reads a part of it, into a buffer of the caller's if there is one. */
  read(offset: number, length: number, buffer = Buffer.allocUnsafe(length)): Buffer {
    return buffer.subarray(0, fs.readSync(this.open(), buffer, 0, length, offset));
  }

  /** Cuts off what is beyond a size. */
  truncate(size: number): void {
    if (this.size <= size) return;
    fs.ftruncateSync(this.open(), size);
    this.size = size;
  }

  /** Shows that its owner lives, to those who cannot see the owner's process. */
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

  /** A file that was exchanged since it was looked at is refused: what was opened is what counts. */
  private open(): number {
    if (this.fd !== undefined) return this.fd;
    const { O_RDWR, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
    // Without the last a pipe would wait for somebody to write. Windows lacks two of them, and undefined counts as 0.
    const flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK;
    const fd = fs.openSync(this.path, flags);
    if (isPrivateFile(fs.fstatSync(fd))) return (this.fd = fd);
    fs.closeSync(fd);
    throw new Error(`${this.path} is not a file of this user alone.`);
  }
}
