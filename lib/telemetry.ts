import type { SpanContext, TextMapPropagator, Tracer } from "@opentelemetry/api";
import { context, trace } from "@opentelemetry/api";
import type { SpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { DeliveryStats } from "./delivery/DeliveryStats.js";
import type { ProcessEndObserver } from "./delivery/processHooks.js";
import type { ErrorOrigin } from "./config/TelemetryOptions.js";
import { REJECTION } from "./delivery/observeRejections.js";
import { isCancellation } from "./failures/cancellation.js";
import { describeFailure } from "./failures/describeFailure.js";
import { recordCaptured } from "./failures/recordFailure.js";
import type { FlightRecorder } from "./FlightRecorder.js";
import type { EventCapture } from "./posthog/EventCapture.js";
import { ERROR_WINDOW_MS } from "./posthog/EventThrottle.js";
import type { PostHogPipe } from "./posthog/PostHogPipe.js";
import { attempt } from "./shared/attempt.js";
import { loadBuiltins } from "./shared/builtins.js";
import { diagnoseSetting } from "./shared/diagnostics.js";
import { globalState } from "./shared/globalState.js";
import type { LastRun } from "./shared/LastRun.js";
import type {
  EventProperties,
  RelayedRecord,
  Runtime,
  WatchableChild,
  WatchChildOptions,
} from "./shared/Runtime.js";
import type { Redactor } from "./redaction/Redactor.js";
import type { Pipe, Stats } from "./shared/Stats.js";
import { clearInterval, monotonicMs, setInterval } from "./shared/timers.js";
import { withinBudget } from "./shared/withinBudget.js";
import type { SessionSpans } from "./tracing/SessionSpans.js";
import type { SpoolingSpanProcessor } from "./tracing/SpoolingSpanProcessor.js";

/** The part of a time budget that is reserved for writing what could not be sent, in ms. */
const STORE_RESERVE_MS = 25;

/** The components that `register` built. A pipe that is off has none. */
export interface TelemetryParts {
  readonly tier: string;
  readonly tracer: Tracer;
  readonly propagator: TextMapPropagator;
  /** False if someone else's provider was registered first and makes the spans. */
  readonly isOurProvider: boolean;
  readonly sessionId: string;
  readonly session: SessionSpans;
  readonly stats: Readonly<Record<Pipe, DeliveryStats>>;
  readonly redactor: Redactor;
  readonly posthog: PostHogPipe | undefined;
  readonly capture: EventCapture | undefined;
  /** Also undefined if the spans of this process go through someone else's provider. */
  readonly otlp: SpoolingSpanProcessor | undefined;
  /** Span processors from the host's options; flushed and shut down with ours. */
  readonly hostProcessors: readonly Pick<SpanProcessor, "forceFlush" | "shutdown">[];
  readonly shutdownTimeoutMs: number;
  /** Undefined if nothing is recorded, as in a page. */
  readonly recorder: FlightRecorder | undefined;
}

/** The telemetry of this process; see {@link Runtime}. */
export class RunningTelemetry implements Runtime, ProcessEndObserver {
  readonly tier: string;
  readonly tracer: Tracer;
  readonly propagator: TextMapPropagator;
  readonly sessionId: string;
  /** Removes the hooks on the process; called at the end of `shutdown`. */
  removeHooks: (() => void) | undefined;
  readonly #parts: TelemetryParts;
  readonly #throttleTimer: NodeJS.Timeout;
  #shutdown: Promise<void> | undefined;
  #isOver = false;
  /** Unhandled rejections that the host's own listeners are receiving at the moment. */
  readonly #rejections = new Set<unknown>();

  constructor(parts: TelemetryParts) {
    this.#parts = parts;
    this.tier = parts.tier;
    this.tracer = parts.tracer;
    this.propagator = parts.propagator;
    this.sessionId = parts.sessionId;
    this.#throttleTimer = setInterval(() => this.#reportThrottled(), ERROR_WINDOW_MS).unref();
  }

  get sessionTrace(): SpanContext | undefined {
    return attempt(() => this.#parts.session.trace);
  }

  get lastRun(): LastRun | undefined {
    return this.#parts.recorder?.lastRun;
  }

  isAllowed(pipe: Pipe): boolean {
    const isPipe = ["posthog", "otlp"].includes(pipe);
    return isPipe && this.#parts[pipe] !== undefined && this.#shutdown === undefined;
  }

  /**
   * The rest of the start, run in a later turn of the event loop because a person is waiting for the process: the
   * session start, unless an event or the end of the process came first, the exporter and the flight recorder.
   */
  start(): void {
    if (this.#isOver) return;
    this.captureSession();
    void this.#parts.otlp?.load();
    this.#parts.recorder?.begin();
  }

  /** Loads now what is otherwise loaded later, because the module loader may be gone by then (see `isInSandbox`). */
  prepare(): void {
    const { posthog, otlp } = this.#parts;
    loadBuiltins();
    void this.#parts.recorder?.load();
    for (const pipe of [posthog, otlp]) {
      void pipe?.load();
      void pipe?.queue.prepare();
    }
  }

  // If anything of the host's throws inside these, the event is lost, but the caller is not affected.
  captureEvent(name: string, properties?: EventProperties): void {
    this.captureSession();
    attempt(() => this.#parts.capture?.event(name, properties));
  }

  captureError(tag: string, error: unknown, properties?: EventProperties): void {
    attempt(() => recordCaptured(trace.getActiveSpan(), tag, error));
    this.#captureError(tag, error, properties, "captureError");
  }

  captureSession(): void {
    const state = globalState();
    if (state.sessionStarted) return;
    state.sessionStarted = true;
    const { session, capture, isOurProvider } = this.#parts;
    attempt(() => {
      const span = session.start();
      // If a foreign provider makes the span, our mirror may not have seen it.
      if (!isOurProvider && !state.sessionMirrored)
        capture?.session(`land:${this.tier}:session:start`, span);
    });
  }

  async take(pipe: Pipe, records: readonly RelayedRecord[]): Promise<boolean> {
    const queue = this.#parts[pipe]?.queue;
    if (queue === undefined) return false;
    const fresh = [...new Map(records.map((each) => [each.id, each])).values()].filter(
      ({ id }) => !queue.has(id),
    );
    for (const { count } of fresh) queue.accept(count);
    await queue.send(fresh);
    return true;
  }

  markLaunched(): void {
    this.#parts.recorder?.markLaunched();
  }

  watchChild(child: WatchableChild, options?: WatchChildOptions): void {
    attempt(() => this.#parts.recorder?.watchChild(child, options));
  }

  stats(): Stats {
    const { posthog, otlp } = this.#parts.stats;
    const redacted = this.#parts.redactor.counts();
    return { posthog: posthog.snapshot(), otlp: otlp.snapshot(), redacted };
  }

  async flush(timeoutMs?: number): Promise<void> {
    await this.#flush(this.#budgetOf(timeoutMs));
  }

  async #flush(timeoutMs: number): Promise<void> {
    const { posthog, otlp } = this.#parts;
    this.captureSession();
    this.#release();
    const queues = [otlp?.queue.flush(timeoutMs), posthog?.queue.flush(timeoutMs)];
    await Promise.all([...queues, this.#askHost("forceFlush", timeoutMs)]);
  }

  shutdown(timeoutMs?: number): Promise<void> {
    return (this.#shutdown ??= this.#end(this.#budgetOf(timeoutMs)));
  }

  #budgetOf(timeoutMs: unknown): number {
    const { shutdownTimeoutMs } = this.#parts;
    if (typeof timeoutMs === "number" && timeoutMs >= 0) return timeoutMs;
    if (timeoutMs !== undefined)
      diagnoseSetting("timeoutMs", timeoutMs, "milliseconds", `${shutdownTimeoutMs} is used.`);
    return shutdownTimeoutMs;
  }

  /** Stores now: the process may die of the error, and if a host's listener throws there is no `exit` event. */
  onUncaught(error: unknown, origin: NodeJS.UncaughtExceptionOrigin): void {
    const { recorder, redactor } = this.#parts;
    recorder?.onUncaught(attempt(() => redactor.text(describeFailure(error).type)) ?? "");
    this.#captureRejections();
    this.#captureError(origin, error, {}, origin);
    this.#store();
  }

  /** Captures after the host's listener has run, because it may report the rejection first, under its own tag. */
  onRejection(reason: unknown): void {
    if (isCancellation(reason, context.active())) return;
    this.#rejections.add(reason);
    void Promise.resolve().then(() => this.#captureRejections());
  }

  /** If a listener is left, the host decides whether the process ends; what is pending is on disk either way. */
  onSignal(signal: NodeJS.Signals): void {
    const isEnd = process.listenerCount(signal) === 0;
    this.#parts.recorder?.onSignal(signal, isEnd);
    this.captureSession();
    if (isEnd) this.onExit();
    else this.#store();
  }

  /** Ends the session and sends what is pending. Leaves what is on disk, so that an outage does not prolong the end. */
  async onEnding(budgetMs: number): Promise<void> {
    const { posthog, otlp } = this.#parts;
    this.captureSession();
    this.#endSession();
    this.#release();
    const waitMs = Math.max(0, budgetMs - STORE_RESERVE_MS);
    await Promise.all([
      otlp?.queue.drain(waitMs),
      posthog?.queue.drain(waitMs),
      this.#askHost("forceFlush", waitMs),
    ]);
    otlp?.queue.cancelLookups();
    posthog?.queue.cancelLookups();
  }

  /** Ends the session, stores everything and stops. */
  onExit(): void {
    if (this.#shutdown !== undefined && globalState().runtime !== this) return;
    this.#captureRejections();
    this.captureSession();
    this.#parts.recorder?.onExit();
    this.#endSession();
    this.#reportThrottled();
    this.stop();
    this.#parts.recorder?.close();
  }

  /**
   * Stores everything and stops. Makes no span or date of its own, because a test environment that has been torn down
   * no longer has these. What is recorded later, as in a host's own `exit` listener, is written straight to disk.
   */
  stop(): void {
    const { posthog, otlp } = this.#parts;
    this.#isOver = true;
    clearInterval(this.#throttleTimer);
    this.#store();
    otlp?.close();
    posthog?.close();
    otlp?.queue.closeNow();
    posthog?.queue.closeNow();
    globalState().finalStats = this.stats();
  }

  async #end(timeoutMs: number): Promise<void> {
    const { posthog, otlp } = this.#parts;
    // Not the wall clock, which may be set back in the meantime.
    const deadline = monotonicMs() + timeoutMs;
    this.#isOver = true;
    this.captureSession();
    this.#endSession();
    await this.#flush(Math.max(0, timeoutMs - STORE_RESERVE_MS));
    clearInterval(this.#throttleTimer);
    this.#store();
    posthog?.close();
    const left = Math.max(0, deadline - monotonicMs());
    const queues = [otlp?.queue.close(left), posthog?.queue.close(left)];
    await Promise.all([otlp?.shutdown(), ...queues, this.#askHost("shutdown", left)]);
    this.#parts.recorder?.onShutdown();
    this.removeHooks?.();
    const state = globalState();
    state.finalStats = this.stats();
    if (state.runtime === this) delete state.runtime;
  }

  #endSession(): void {
    // A foreign provider's span may throw anything; what is pending has to be stored regardless.
    attempt(() => this.#parts.session.end(this.stats()));
  }

  #captureRejections(): void {
    for (const reason of this.#rejections) this.#captureError(REJECTION, reason, {}, REJECTION);
  }

  #captureError(
    tag: string,
    error: unknown,
    properties: EventProperties | undefined,
    origin: ErrorOrigin,
  ): void {
    // A rejection counts as uncaught even if one of the host's own listeners reports it.
    const isRejection = this.#rejections.delete(error);
    this.captureSession();
    attempt(() =>
      this.#parts.capture?.error(tag, error, properties, isRejection ? REJECTION : origin),
    );
  }

  /** Writes everything pending to disk before it returns. */
  #store(): void {
    const { posthog, otlp } = this.#parts;
    otlp?.store();
    posthog?.store();
    otlp?.queue.persistPending();
    posthog?.queue.persistPending();
  }

  /** Hands everything that is waiting for a batch to the queues. */
  #release(): void {
    const { posthog, otlp } = this.#parts;
    this.#reportThrottled();
    otlp?.release();
    void posthog?.release();
  }

  /** Gives the host's processors the same budget, does not wait for them beyond it and ignores what they throw. */
  async #askHost(what: "forceFlush" | "shutdown", budgetMs: number): Promise<void> {
    const { hostProcessors } = this.#parts;
    if (hostProcessors.length === 0) return;
    const answers = hostProcessors.map(async (processor) => processor[what]());
    await withinBudget(Promise.allSettled(answers), budgetMs);
  }

  #reportThrottled(): void {
    const { posthog, capture } = this.#parts;
    const report = posthog?.takeThrottleReport();
    if (report !== undefined) capture?.report(`land:${this.tier}:throttle-dropped`, { ...report });
  }
}
