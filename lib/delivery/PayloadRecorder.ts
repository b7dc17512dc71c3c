import { dirname, join } from "node:path";
import type { Configuration } from "../config/Configuration.js";
import type { Pipe } from "../shared/Stats.js";
import { fs } from "../shared/fs.js";
import { bytesOf } from "./DeliveryRecord.js";
import { stateRoot } from "./disk/spoolPaths.js";

/** A recording is for people to read; a process stops adding to it before it has written more than this, in bytes. */
const MAX_RECORDING_BYTES = 256 * 1024 * 1024;
const OPENING_BRACE = 0x7b;

/**
 * `Record=1`: writes every request body that is or would be sent to one file per session, one line of JSON each:
 * `{"time", "pipe", "pid", "body"}`, with the body as it is before compression; protobuf has `base64` instead of
 * `body`. All processes of a session append to the same file. Recording stops if the file cannot be written.
 */
export class PayloadRecorder {
  readonly #file: string;
  #bytes = 0;
  #stopped = false;

  constructor(root: string, sessionId: string) {
    this.#file = join(root, "recordings", `${sessionId}.ndjson`);
  }

  record(pipe: Pipe, body: Uint8Array | string): void {
    if (this.#stopped) return;
    try {
      if (this.#bytes === 0) fs.mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      const head = { time: new Date().toISOString(), pipe, pid: process.pid };
      const line = `${JSON.stringify({ ...head, ...contentOf(body) })}\n`;
      this.#bytes += Buffer.byteLength(line);
      this.#stopped = this.#bytes > MAX_RECORDING_BYTES;
      if (!this.#stopped) fs.appendFileSync(this.#file, line, { mode: 0o600 });
    } catch {
      this.#stopped = true;
    }
  }
}

/** The recorder that the configuration asks for; undefined if it asks for none or there is no directory for it. */
export function recorderOf(
  configuration: Configuration,
  sessionId: string,
): PayloadRecorder | undefined {
  const root = configuration.record ? stateRoot(configuration) : undefined;
  return root === undefined ? undefined : new PayloadRecorder(root, sessionId);
}

/** JSON unchanged; protobuf, which is binary, in base64. */
function contentOf(body: Uint8Array | string): object {
  const bytes = bytesOf(body);
  return bytes[0] === OPENING_BRACE
    ? { body: bytes.toString("utf8") }
    : { base64: bytes.toString("base64") };
}
