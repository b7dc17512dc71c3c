import type { Configuration, RecorderSettings } from "./config/Configuration.js";
import { batchEndpoint } from "./config/endpoints.js";
import { SegmentFolder } from "./delivery/disk/SegmentFolder.js";
import type { SegmentOwner } from "./delivery/disk/segmentOwner.js";
import { currentOwner, watchWorkers } from "./delivery/disk/segmentOwner.js";
import { diskQueueOptions } from "./delivery/disk/spoolPaths.js";
import { observesEveryEnd } from "./delivery/processHooks.js";
import type { LateRecorder } from "./LateRecorder.js";
import type { EventContext } from "./posthog/PostHogEvent.js";
import { OpenSpans } from "./recorder/OpenSpans.js";
import { RECORDER_VERSION } from "./recorder/recordLine.js";
import { readLastRun } from "./recorder/readLastRun.js";
import { RunFile } from "./recorder/RunFile.js";
import type { RunStart } from "./recorder/runRecord.js";
import type { Redactor } from "./redaction/Redactor.js";
import { attempt } from "./shared/attempt.js";
import { currentThread } from "./shared/currentThread.js";
import type { LastRun } from "./shared/LastRun.js";
import type { WatchableChild, WatchChildOptions } from "./shared/Runtime.js";
import { setTimeout, wallMs } from "./shared/timers.js";
import { untraced } from "./shared/untraced.js";
import { readOtlpSettings } from "./tracing/otlpSettings.js";
import type { SpoolingSpanProcessor } from "./tracing/SpoolingSpanProcessor.js";

/** A process that lives for less than this, in ms, is reported only if an error ends it. */
const BEGIN_AFTER_MS = 50;

/** What the flight recorder is made of. */
export interface FlightRecorderParts {
  readonly configuration: Configuration;
  readonly redactor: Redactor;
  /** Undefined while no spans are sent. */
  readonly otlp: SpoolingSpanProcessor | undefined;
  /** Undefined while no events are sent. */
  readonly events: EventContext | undefined;
  readonly sessionId: string;
}

/**
 * Records that this process is running and which spans are open, so that another can report how it died and what it
 * was doing. Also tells how the last run ended. Its files are in the spool's folders and are deleted with the spool.
 */
export class FlightRecorder {
  readonly parts: FlightRecorderParts;
  readonly settings: RecorderSettings;
  /** Returns the folder of run files. A function, because computing the name takes too long for start-up. */
  readonly runs: () => string;
  /** Returns the folder of journals; undefined while no spans are sent. */
  readonly journals: (() => string) | undefined;
  /** The span processor of the recorder; undefined while no spans are sent. */
  readonly spans: OpenSpans | undefined;
  readonly #at = wallMs();
  readonly #runFile: RunFile | undefined;
  readonly #unwatchWorkers: (() => void) | undefined;
  #owner: SegmentOwner | undefined;
  #lastRun: { readonly found: LastRun | undefined } | undefined;
  #late: LateRecorder | undefined;
  #loading: Promise<LateRecorder | undefined> | undefined;
  #isOver = false;

  /** Creates the recorder; undefined if there is no disk to record on or the option turns it off. */
  static of(parts: FlightRecorderParts): FlightRecorder | undefined {
    const { configuration, otlp, events } = parts;
    const { host, key } = configuration.posthog;
    const journals =
      otlp &&
      diskQueueOptions(configuration, "otlp", readOtlpSettings(configuration).url).directory;
    const ofEvents =
      events && diskQueueOptions(configuration, "posthog", batchEndpoint(host), key).directory;
    // In the events' folder, because a death becomes an event and is reported only where events are sent.
    const runs = ofEvents ?? journals;
    const { recorder } = configuration;
    if (recorder === false || typeof runs !== "function") return undefined;
    return new FlightRecorder(
      parts,
      recorder,
      runs,
      typeof journals === "function" ? journals : undefined,
    );
  }

  private constructor(
    parts: FlightRecorderParts,
    settings: RecorderSettings,
    runs: () => string,
    journals: (() => string) | undefined,
  ) {
    this.parts = parts;
    this.settings = settings;
    this.runs = runs;
    this.journals = journals;
    this.spans = journals && new OpenSpans();
    // Only a process has a run; a worker thread has only a journal.
    if (currentThread() !== 0) return;
    this.#runFile = new RunFile(this);
    this.#unwatchWorkers = watchWorkers(
      (thread) => void this.load().then((late) => late?.endThread(thread)),
    );
  }

  get owner(): SegmentOwner {
    return (this.#owner ??= currentOwner());
  }

  /** What this run records about itself. */
  get start(): RunStart {
    const { configuration, redactor, sessionId, events } = this.parts;
    const { tier, app, posthog, processHooks } = configuration;
    return {
      v: RECORDER_VERSION,
      owner: { ...this.owner, thread: 0 },
      tier,
      version: redactor.text(app.version),
      session: sessionId,
      at: this.#at,
      sees: observesEveryEnd(processHooks),
      ...(events ? { user: posthog.distinctId } : {}),
    };
  }

  /** How the last run ended. Read from disk once, at first access. */
  get lastRun(): LastRun | undefined {
    if (this.#runFile === undefined) return undefined;
    this.#lastRun ??= {
      found: attempt(() => {
        const { owner, journals } = this;
        const { configuration, redactor } = this.parts;
        const { tier, app } = configuration;
        // Compare without the redactor first: at start-up it has not been used yet.
        const isVersion = (written: string): boolean =>
          written === app.version || written === redactor.text(app.version);
        const open = journals && new SegmentFolder(journals(), owner, "spans");
        const runs = new SegmentFolder(this.runs(), owner, "run");
        return readLastRun(runs, open, { tier, at: this.#at, isVersion });
      }),
    };
    return this.#lastRun.found;
  }

  /**
   * Creates the run file and loads the rest once a span could be old enough to be journalled, after 50 ms at most.
   * Processes that have ended by then pay for neither.
   */
  begin(): void {
    const { openAfterMs, handlersAtStart } = this.settings;
    const begin = (): void => {
      if (this.#isOver) return;
      this.#runFile?.begin();
      void this.load();
    };
    if (handlersAtStart) begin();
    else setTimeout(begin, Math.min(openAfterMs, BEGIN_AFTER_MS)).unref();
  }

  /** Loads, once, what is not needed at start-up. Never rejects; if loading fails, no death is reported. */
  load(): Promise<LateRecorder | undefined> {
    return (this.#loading ??= untraced(() => import("./LateRecorder.js"))
      .then(({ LateRecorder }) =>
        this.#isOver ? undefined : (this.#late = new LateRecorder(this)),
      )
      .catch(() => undefined));
  }

  markLaunched(): void {
    this.#runFile?.markLaunched();
  }

  watchChild(child: WatchableChild, { expected = false }: WatchChildOptions = {}): void {
    const { pid } = child;
    if (pid === undefined) return;
    // The process behind a pid can be identified only while it is alive.
    let owner: SegmentOwner | undefined;
    const loading = this.load().then((late) => (owner = late?.processOf(pid)));
    child.once("exit", (code, signal) => {
      const at = wallMs();
      const isExpected = typeof expected === "function" ? attempt(expected) === true : expected;
      const seen = { ...(code === null ? {} : { code }), ...(signal === null ? {} : { signal }) };
      const write = (): void => {
        if (owner !== undefined) this.#late?.witness(owner, { ...seen, expected: isExpected, at });
      };
      // Written synchronously if possible, because the host's next listener may exit.
      if (owner === undefined) void loading.then(write);
      else write();
    });
  }

  /** @param type The class name of the error. */
  onUncaught(type: string): void {
    this.#runFile?.sayUncaught(type);
  }

  /** @param isEnd Whether only we listen for the signal, so that it ends the process. */
  onSignal(signal: string, isEnd: boolean): void {
    this.#runFile?.saySignal(signal, isEnd);
  }

  /** The process exits, so its open spans are ended. */
  onExit(): void {
    const { exitCode } = process;
    const code = typeof exitCode === "number" ? exitCode : undefined;
    const endedBy = this.#runFile?.sayExit(code) ?? "exit";
    this.spans?.endAll(endedBy, endedBy === "uncaught");
  }

  /** The host has shut down its telemetry; ending the spans that are still open is up to the host. */
  onShutdown(): void {
    this.#runFile?.sayShutdown();
    this.close();
  }

  /** Stops recording and deletes the journal, because all spans have ended and are on disk. */
  close(): void {
    this.#isOver = true;
    this.#unwatchWorkers?.();
    this.#late?.close();
  }
}
