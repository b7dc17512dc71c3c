import { fs } from "../../shared/fs.js";

/** Readable and writable by the owner alone: what is in it was meant for one endpoint. */
const FILE_MODE = 0o600;
/** An adopted file is read up to here, in bytes; nothing we write comes near. */
export const MAX_SEGMENT_READ = 64 * 1024 * 1024;

/**
 * One append-only file with one writer. A line is on its way to the disk when `append` returns and survives the
 * death of the process, though not a power cut. Methods throw what the file system throws.
 */
export class Segment {
  /** The ids of the records in it whose fate is open. */
  readonly live = new Set<string>();
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

  /** A file that a dead process left and that has been given this name. */
  static adopt(path: string): Segment {
    const segment = new Segment(path, 0, true);
    segment.size = fs.fstatSync(segment.open()).size;
    return segment;
  }

  /** Appends lines and returns where they start. On failure the file is cut back to what it was. */
  append(lines: Uint8Array): number {
    const fd = this.open();
    const start = this.size;
    let written = 0;
    try {
      written = fs.writeSync(fd, lines);
    } finally {
      if (written < lines.byteLength) fs.ftruncateSync(fd, start);
    }
    if (written < lines.byteLength) throw new Error("The disk took only a part of a record.");
    this.size += written;
    return start;
  }

  /** Reads a part of it. */
  read(offset: number, length: number): Buffer {
    const buffer = Buffer.allocUnsafe(length);
    return buffer.subarray(0, fs.readSync(this.open(), buffer, 0, length, offset));
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

  private open(): number {
    const { O_RDWR, O_APPEND, O_NOFOLLOW } = fs.constants;
    // O_NOFOLLOW does not exist on Windows.
    const noFollow = (O_NOFOLLOW as number | undefined) ?? 0;
    return (this.fd ??= fs.openSync(this.path, O_RDWR | O_APPEND | noFollow));
  }
}
