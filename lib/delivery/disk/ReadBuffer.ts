/** What is kept between two uses, in bytes; as much as one post takes by default. */
const MAX_KEPT_BYTES = 1024 * 1024;

/**
 * Memory for what is read back from disk and put together to be posted, used again and again: a long replay would
 * otherwise leave tens of megabytes to the garbage collector, which is in no hurry with memory outside of its heap.
 */
export class ReadBuffer {
  private buffer = Buffer.alloc(0);
  private used = 0;
  private wanted = 0;

  /** Takes back everything that was given since the last call. */
  reset(): void {
    if (this.wanted > this.buffer.byteLength && this.wanted <= MAX_KEPT_BYTES)
      this.buffer = Buffer.allocUnsafeSlow(this.wanted);
    this.used = 0;
    this.wanted = 0;
  }

  /** So many bytes, valid until the next `reset`. */
  take(length: number): Buffer {
    this.wanted += length;
    if (this.used + length > this.buffer.byteLength) return Buffer.allocUnsafe(length);
    const given = this.buffer.subarray(this.used, this.used + length);
    this.used += length;
    return given;
  }
}
