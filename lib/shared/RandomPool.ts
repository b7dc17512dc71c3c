import * as fs from "node:fs";

/** The system's own source of random bytes; where there is none, node:crypto asks it in another way. */
const SOURCE = "/dev/urandom";

/**
 * Random bytes, read in one go and each given once. Loading node:crypto for them would take 4 to 15 ms, which a start
 * does not have, and the last moment of a process still less; reading the same bytes from the system takes a tenth of one.
 */
export class RandomPool {
  /** What `take` points into. */
  bytes: Buffer;
  readonly #size: number;
  #used: number;
  #filling = false;

  /** @param size Bytes that are read at once, a multiple of what is taken. */
  constructor(size: number) {
    this.bytes = Buffer.alloc(0);
    this.#size = size;
    this.#used = size;
  }

  /** Where in `bytes` as many unused ones begin. */
  take(count: number): number {
    if (this.#used + count > this.#size) {
      const isNested = this.#filling;
      this.#filling = true;
      // Where node:fs is instrumented, to read makes a span, which asks for an id.
      const bytes = isNested ? undefined : readSystem(this.#size);
      this.#filling = isNested;
      this.bytes = bytes ?? process.getBuiltinModule("node:crypto").randomBytes(this.#size);
      this.#used = 0;
    }
    this.#used += count;
    return this.#used - count;
  }
}

function readSystem(size: number): Buffer | undefined {
  if (process.platform === "win32") return undefined;
  let fd: number | undefined;
  try {
    fd = fs.openSync(SOURCE, "r");
    const bytes = Buffer.allocUnsafeSlow(size);
    // A file of that name in a stripped-down root would give the same bytes again and again.
    return fs.fstatSync(fd).isCharacterDevice() && fs.readSync(fd, bytes, 0, size, null) === size
      ? bytes
      : undefined;
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeQuietly(fd);
  }
}

function closeQuietly(fd: number): void {
  try {
    fs.closeSync(fd);
  } catch {
    // Not ours any more; the bytes are.
  }
}
