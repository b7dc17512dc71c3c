import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Pipe } from "../shared/Stats.js";

/** A recording is for looking at; one that grows beyond this is cut, in bytes. */
export const MAX_RECORDING_BYTES = 256 * 1024 * 1024;

/**
 * `Record=1`: writes every request body that leaves, or would leave, to one file per session, a line of JSON each:
 * `{"time", "pipe", "pid", "body"}` with the body as it is on the wire before compression. All processes of a
 * session append to the same file. Stops by itself when the file cannot be written.
 */
export class PayloadRecorder {
  readonly file: string;
  readonly #directory: string;
  #bytes = 0;
  #broken = false;

  constructor(root: string, sessionId: string) {
    this.#directory = join(root, "recordings");
    this.file = join(this.#directory, `${sessionId}.ndjson`);
  }

  record(pipe: Pipe, body: Uint8Array | string): void {
    if (this.#broken) return;
    try {
      if (this.#bytes === 0) mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
      const line = `${JSON.stringify({ time: new Date().toISOString(), pipe, pid: process.pid, ...content(body) })}\n`;
      this.#bytes += Buffer.byteLength(line);
      this.#broken = this.#bytes > MAX_RECORDING_BYTES;
      if (!this.#broken) appendFileSync(this.file, line, { mode: 0o600 });
    } catch {
      this.#broken = true;
    }
  }
}

/** JSON as it is; protobuf, which is no text, in base64. */
function content(
  body: Uint8Array | string,
): { readonly body: string } | { readonly base64: string } {
  if (typeof body === "string") return { body };
  const bytes = Buffer.from(body);
  return body[0] === OPENING_BRACE
    ? { body: bytes.toString("utf8") }
    : { base64: bytes.toString("base64") };
}

const OPENING_BRACE = 0x7b;
