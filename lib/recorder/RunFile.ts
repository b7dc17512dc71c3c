import type { Segment } from "../delivery/disk/Segment.js";
import { SegmentFolder } from "../delivery/disk/SegmentFolder.js";
import type { SegmentOwner } from "../delivery/disk/segmentOwner.js";
import { attempt } from "../shared/attempt.js";
import {
  clearInterval,
  clearTimeout,
  setImmediate,
  setInterval,
  setTimeout,
  wallMs,
} from "../shared/timers.js";
import { formatLine } from "./recordLine.js";
import type { LastWords, RunStart } from "./runRecord.js";

/** Unless the host says so earlier, a run counts as launched after this, in ms. */
const LAUNCHED_AFTER_MS = 5_000;
/** How often a process gives a sign of life, in ms: machines can sleep in between; deaths are dated to the minute. */
const BEAT_MS = 60_000;
/** An exit within this time after a signal, in ms, counts as the host's response to the signal. */
const SIGNAL_ENDS_MS = 10_000;

/** What a run file is made of. Read only when the file is created, because it takes too long for start-up. */
export interface RunFileParts {
  /** Returns the folder of run files. */
  readonly runs: () => string;
  readonly owner: SegmentOwner;
  readonly start: RunStart;
}

/**
 * The file in which this process records its run: its start, that it has launched, and its last words. The file's
 * time is the last sign of life. No method throws; what the disk does not accept is not recorded.
 */
export class RunFile {
  readonly #parts: RunFileParts;
  #file: Segment | undefined;
  #isBegun = false;
  #isLaunched = false;
  #words: LastWords | undefined;
  #launching: NodeJS.Timeout | undefined;
  #beat: NodeJS.Timeout | undefined;

  constructor(parts: RunFileParts) {
    this.#parts = parts;
  }

  /** Creates the file, once. A process that ends before that has none, unless an error ends it. */
  begin(): void {
    if (this.#isBegun || this.#words?.final === true) return;
    this.#isBegun = true;
    attempt(() => {
      const { runs, owner, start } = this.#parts;
      this.#file = new SegmentFolder(runs(), owner, "run").create(false);
      this.#write({ start });
      if (this.#isLaunched) this.#write({ launched: true });
    });
    this.#launching = setTimeout(() => this.markLaunched(), LAUNCHED_AFTER_MS).unref();
    this.#beat = setInterval(
      () => attempt(() => this.#file?.touch(new Date(wallMs()))),
      BEAT_MS,
    ).unref();
  }

  /** The host is up, so a later crash is not a failed launch. */
  markLaunched(): void {
    if (this.#isLaunched || this.#words?.final === true) return;
    this.#isLaunched = true;
    clearTimeout(this.#launching);
    this.#write({ launched: true });
  }

  /** An error was not caught: the process dies of it unless one of the host's listeners prevents that. */
  sayUncaught(error: string): void {
    this.begin();
    this.#say({ how: "uncaught", final: false, error });
    setImmediate(() => {
      if (this.#words?.how !== "uncaught" || this.#words.final) return;
      this.#words = undefined;
      this.#write({ survived: true });
    }).unref();
  }

  /** A signal asked the process to end. */
  saySignal(signal: string, final: boolean): void {
    this.#say({ how: "signal", final, signal });
  }

  /** The process exits, by itself or because of what was recorded before. Returns the cause. */
  sayExit(code: number | undefined): LastWords["how"] {
    const { how = "exit", at = 0, error, signal, final } = this.#words ?? {};
    if (final === true) return how;
    const isCause = how === "uncaught" || wallMs() - at < SIGNAL_ENDS_MS;
    this.#say({
      how: isCause ? how : "exit",
      final: true,
      ...(code === undefined ? {} : { code }),
      ...(isCause && error !== undefined ? { error } : {}),
      ...(isCause && signal !== undefined ? { signal } : {}),
    });
    return isCause ? how : "exit";
  }

  /** The host has shut down its telemetry; what happens later is not known. */
  sayShutdown(): void {
    this.#say({ how: "shutdown", final: true });
  }

  #say(words: Omit<LastWords, "at">): void {
    if (this.#words?.final === true) return;
    this.#words = { ...words, at: wallMs() };
    this.#write({ words: this.#words });
    if (!words.final) return;
    clearTimeout(this.#launching);
    clearInterval(this.#beat);
    attempt(() => this.#file?.close());
  }

  #write(line: object): void {
    attempt(() => this.#file?.append(Buffer.from(formatLine(line))));
  }
}
