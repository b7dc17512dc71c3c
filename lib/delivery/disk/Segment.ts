import * as fs from "node:fs";

/** Readable and writable by the owner alone: what is in it was meant for one far end. */
const FILE_MODE = 0o600;
/** An adopted file is read up to here, in bytes; nothing we write comes near. */
export const MAX_SEGMENT_READ = 64 * 1024 * 1024;

/**
 * One append-only file with one writer. A line is on its way to the disk when `append` returns and survives the
 * death of the process, though not a power cut. Methods throw what the file system throws.
 */
export class Segment {
  /** Records in it whose fate is open. */
  readonly live = new Set<string>();
  /** The bytes of those records. */
  liveBytes = 0;
  private fd: number | undefined;
  private needsNewline = false;

  private constructor(
    public path: string,
    public size: number,
  ) {}

  /** A new file, which must not exist. */
  static create(path: string): Segment {
    const segment = new Segment(path, 0);
    segment.fd = fs.openSync(path, "ax+", FILE_MODE);
    return segment;
  }

  /** A file that a dead process left and that has been given this name. */
  static adopt(path: string): Segment {
    const segment = new Segment(path, 0);
    segment.size = fs.fstatSync(segment.open()).size;
    return segment;
  }

  /** Appends one line and returns where it starts. On failure the file is cut back to what it was. */
  append(line: string | readonly Uint8Array[], length: number): number {
    const fd = this.open();
    const before = this.size;
    const start = this.needsNewline ? before + 1 : before;
    const end = start + length;
    let written = before;
    try {
      if (this.needsNewline) written += fs.writeSync(fd, "\n");
      written += typeof line === "string" ? fs.writeSync(fd, line) : fs.writevSync(fd, line);
    } finally {
      if (written !== end) this.cutBack(fd, before);
    }
    if (written !== end) throw new Error("The disk took only a part of a record.");
    this.needsNewline = false;
    this.size = end;
    return start;
  }

  /** Reads a part of it, into the given memory or new one. */
  read(offset: number, length: number, buffer: Buffer = Buffer.allocUnsafe(length)): Buffer {
    const read = fs.readSync(this.open(), buffer, 0, length, offset);
    return buffer.subarray(0, read);
  }

  /** Reads it whole, up to {@link MAX_SEGMENT_READ}; remembers whether its last line is torn. */
  readAll(): Buffer {
    const content = this.read(0, Math.min(this.size, MAX_SEGMENT_READ));
    this.needsNewline = content.length > 0 && content[content.length - 1] !== 0x0a;
    return content;
  }

  /** Empties it: every record in it is settled. */
  truncate(): void {
    fs.ftruncateSync(this.open(), 0);
    this.size = 0;
    this.needsNewline = false;
  }

  /** Shows that its owner lives, to those who cannot see the owner's process. */
  touch(now: Date): void {
    if (this.fd === undefined) fs.lutimesSync(this.path, now, now);
    else fs.futimesSync(this.fd, now, now);
  }

  /** Lets go of the file handle; the next use opens it again. */
  close(): void {
    if (this.fd === undefined) return;
    const fd = this.fd;
    this.fd = undefined;
    fs.closeSync(fd);
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
    return (this.fd ??= fs.openSync(
      this.path,
      O_RDWR | O_APPEND | ((O_NOFOLLOW as number | undefined) ?? 0),
    ));
  }

  private cutBack(fd: number, size: number): void {
    try {
      fs.ftruncateSync(fd, size);
    } catch {
      // Then the torn line stays, is counted by whoever reads it, and must not swallow the next one.
      this.needsNewline = true;
      this.size = fs.fstatSync(fd).size;
    }
  }
}
