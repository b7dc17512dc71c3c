import type { TextMapPropagator, Tracer } from "@opentelemetry/api";
import type { Tracing } from "./createTracing.js";
import type { Courier } from "./delivery/Courier.js";
import type { Ledger } from "./delivery/Ledger.js";
import type { Events } from "./posthog/createEvents.js";
import { ERROR_WINDOW_MS } from "./posthog/EventThrottle.js";
import type { Redactor } from "./redaction/Redactor.js";
import { globalState } from "./shared/globalState.js";
import { prepareLater } from "./shared/prepareLater.js";
import type { EventProperties, Runtime } from "./shared/Runtime.js";
import type { Pipe, Stats } from "./shared/Stats.js";
import type { OtlpPipe } from "./tracing/OtlpPipe.js";
import type { Session } from "./tracing/Session.js";

/** The part of a budget that is kept for writing what could not be sent, in ms. */
const SPILL_RESERVE_MS = 25;

/** The parts that `register` wired. A pipe that is off is not there; what it is made of is made when first asked for. */
export interface RuntimeParts {
  readonly tier: string;
  readonly shutdownTimeoutMs: number;
  readonly tracer: Tracer;
  readonly propagator: TextMapPropagator;
  readonly sessionId: () => string;
  readonly session: () => Session;
  readonly redactor: () => Redactor;
  readonly ledgers: Readonly<Record<Pipe, Ledger>>;
  readonly posthog: (() => Events | undefined) | undefined;
  readonly otlp: (() => Courier | undefined) | undefined;
  /** Our own provider, where the spans of this process go through it. */
  readonly tracing: (() => Tracing | undefined) | undefined;
}

interface Pipes {
  readonly posthog: Events | undefined;
  readonly courier: Courier | undefined;
  readonly pipe: OtlpPipe | undefined;
  /** Whether all are there that are on. */
  readonly areMade: boolean;
}

/** The telemetry of this process; see {@link Runtime}. */
export class TierRuntime implements Runtime {
  readonly tier: string;
  readonly tracer: Tracer;
  readonly propagator: TextMapPropagator;
  readonly tracing = true;
  /** Called when the runtime is over: takes the process's hooks away. */
  onShutdown: (() => void) | undefined;
  readonly #parts: RuntimeParts;
  #shutdown: Promise<void> | undefined;
  #throttleTimer: NodeJS.Timeout | undefined;
  #starting: NodeJS.Immediate | undefined;
  /** Calls off what is prepared for the end. */
  #callOff: (() => void) | undefined;

  constructor(parts: RuntimeParts) {
    this.#parts = parts;
    this.tier = parts.tier;
    this.tracer = parts.tracer;
    this.propagator = parts.propagator;
  }

  get sessionId(): string {
    return this.#parts.sessionId();
  }

  isAllowed(pipe: Pipe): boolean {
    return this.#parts[pipe] !== undefined && this.#shutdown === undefined;
  }

  captureEvent(name: string, properties?: EventProperties): void {
    this.#capture((capture) => capture.event(name, properties));
  }

  captureError(tag: string, error: unknown, properties?: EventProperties): void {
    this.#capture((capture) => capture.error(tag, error, properties));
  }

  /**
   * Makes the pipes, the provider, the session start and what redacts, in the first turns of the event loop: while a process
   * starts, a person waits. The session start is the first of all: it is made before when an event, a span or the end
   * of the process comes before.
   */
  startSoon(): void {
    const { posthog, otlp, tracing, redactor } = this.#parts;
    const steps = [
      () => void posthog?.(),
      () => void otlp?.(),
      () => void tracing?.(),
      () => void this.#begun(),
      () => void redactor().text(""),
    ];
    const next = (): void => {
      const step = steps.shift();
      if (step === undefined) return;
      quietly(step);
      this.#starting = setImmediate(next);
    };
    // These hold the process for as many turns. Else the loop, with nothing to do, would sleep before the first.
    this.#starting = setImmediate(next);
  }

  captureSession(): void {
    if (!globalState().sessionStarted) quietly(() => this.#startSession());
  }

  #startSession(): void {
    const state = globalState();
    const { session, tracing } = this.#parts;
    const { posthog, courier, pipe, areMade } = this.#pipes();
    // Then the next that comes along asks again.
    if (!areMade) return;
    state.sessionStarted = true;
    const span = session().start();
    this.#callOff = prepareLater([
      ...(posthog?.pipe.preparations() ?? []),
      ...(pipe?.preparations(span) ?? []),
      ...(posthog?.courier.preparations() ?? []),
      ...(courier?.preparations() ?? []),
      () => this.#reportThrottled(),
    ]);
    if (tracing === undefined && !state.sessionMirrored)
      posthog?.capture.session(`land:${this.tier}:session:start`, span);
  }

  stats(): Stats {
    const { posthog, otlp } = this.#parts.ledgers;
    return { posthog: posthog.stats(), otlp: otlp.stats() };
  }

  async flush(timeoutMs = this.#budget): Promise<void> {
    const { posthog, courier, pipe } = this.#begun();
    this.#reportThrottled();
    pipe?.release();
    void posthog?.pipe.release();
    await Promise.all([courier?.flush(timeoutMs), posthog?.courier.flush(timeoutMs)]);
  }

  shutdown(timeoutMs = this.#budget): Promise<void> {
    return (this.#shutdown ??= this.#end(timeoutMs));
  }

  /**
   * The natural end of a process: says that the session ends and sends what is pending, within the budget. What
   * is in the spool stays there, so that an end after an outage is not longer than another.
   */
  async finish(budgetMs: number): Promise<void> {
    const { posthog, courier, pipe } = this.#begun();
    posthog?.pipe.letGo();
    this.#parts.session().end(this.stats());
    this.#reportThrottled();
    pipe?.release();
    void posthog?.pipe.release();
    const waitMs = Math.max(0, budgetMs - SPILL_RESERVE_MS);
    await Promise.all([courier?.drain(waitMs), posthog?.courier.drain(waitMs)]);
    courier?.letGo();
    posthog?.courier.letGo();
  }

  /** What a process that may end at once can still do: everything pending is on disk when this returns. */
  spill(): void {
    const { posthog, courier, pipe } = this.#begun();
    pipe?.spill();
    posthog?.pipe.spill();
    courier?.secure();
    posthog?.courier.secure();
  }

  /** The end of a process that has no time: spills, with the session end, and lets go of what is in flight. */
  endNow(): void {
    if (this.#shutdown !== undefined && globalState().runtime !== this) return;
    const { posthog, courier } = this.#begun();
    this.#parts.session().end(this.stats());
    this.#reportThrottled();
    this.spill();
    courier?.closeNow();
    posthog?.courier.closeNow();
    globalState().finalStats = this.stats();
  }

  get #budget(): number {
    return this.#parts.shutdownTimeoutMs;
  }

  async #end(timeoutMs: number): Promise<void> {
    const { posthog, courier, pipe } = this.#begun();
    // Not the wall clock, which may be set back meanwhile.
    const deadline = performance.now() + timeoutMs;
    this.#parts.session().end(this.stats());
    await this.flush(Math.max(0, timeoutMs - SPILL_RESERVE_MS));
    clearInterval(this.#throttleTimer);
    this.#callOff?.();
    this.spill();
    posthog?.pipe.close();
    const left = Math.max(0, deadline - performance.now());
    await Promise.all([pipe?.shutdown(), courier?.close(left), posthog?.courier.close(left)]);
    this.onShutdown?.();
    const state = globalState();
    state.finalStats = this.stats();
    if (state.runtime === this) delete state.runtime;
  }

  #capture(make: (capture: Events["capture"]) => void): void {
    const { posthog, ledgers } = this.#parts;
    if (posthog === undefined) return;
    this.captureSession();
    const events = posthog();
    if (events !== undefined) {
      make(events.capture);
      return;
    }
    ledgers.posthog.accept(1);
    ledgers.posthog.drop("not_started", 1, "pending");
  }

  /** The pipes, after the session start, which comes before all that empties or ends them. */
  #begun(): Pipes {
    clearImmediate(this.#starting);
    this.captureSession();
    return this.#pipes();
  }

  #pipes(): Pipes {
    const { posthog, otlp, tracing } = this.#parts;
    const [events, courier, spans] = [posthog?.(), otlp?.(), tracing?.()];
    if (events !== undefined && this.#shutdown === undefined)
      this.#throttleTimer ??= setInterval(() => this.#reportThrottled(), ERROR_WINDOW_MS).unref();
    const isMissing = (part: unknown, made: unknown): boolean =>
      part !== undefined && made === undefined;
    return {
      posthog: events,
      courier,
      pipe: spans?.pipe,
      areMade:
        !isMissing(posthog, events) && !isMissing(otlp, courier) && !isMissing(tracing, spans),
    };
  }

  #reportThrottled(): void {
    const posthog = this.#parts.posthog?.();
    const report = posthog?.pipe.takeThrottleReport();
    if (report !== undefined)
      posthog?.capture.report(`land:${this.tier}:throttle-dropped`, { ...report });
  }
}

/** For what the event loop calls: an error there would be the process's own. */
function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // What was not made is made, or fails again, where it is needed.
  }
}
