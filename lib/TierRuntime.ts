import type { TextMapPropagator, Tracer } from "@opentelemetry/api";
import type { Configuration } from "./configuration/Configuration.js";
import type { Courier } from "./delivery/Courier.js";
import type { Ledger } from "./delivery/Ledger.js";
import type { EventCapture } from "./mirror/EventCapture.js";
import { ERROR_WINDOW_MS } from "./mirror/EventThrottle.js";
import type { PostHogPipe } from "./mirror/PostHogPipe.js";
import { globalState } from "./shared/globalState.js";
import { prepareLater } from "./shared/prepareLater.js";
import type { EventProperties, Runtime } from "./shared/Runtime.js";
import type { Pipe, Stats } from "./shared/Stats.js";
import type { OtlpPipe } from "./tracing/OtlpPipe.js";
import type { Session } from "./tracing/Session.js";

/** The part of a budget that is kept for writing what could not be sent, in ms. */
const SPILL_RESERVE_MS = 25;

/** The parts that `register` wired. A pipe that is off is not there. */
export interface RuntimeParts {
  readonly configuration: Configuration;
  readonly tracer: Tracer;
  readonly propagator: TextMapPropagator;
  readonly sessionId: () => string;
  readonly session: Session;
  /** Whether the spans of this process go through our own provider, and so through our mirror. */
  readonly ownProvider: boolean;
  readonly ledgers: Readonly<Record<Pipe, Ledger>>;
  readonly posthog: { readonly pipe: PostHogPipe; readonly courier: Courier; readonly capture: EventCapture } | undefined;
  readonly otlp: { readonly pipe: OtlpPipe; readonly courier: Courier } | undefined;
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
  /** Calls off what is prepared for the end. */
  #callOff: (() => void) | undefined;

  constructor(parts: RuntimeParts) {
    this.#parts = parts;
    this.tier = parts.configuration.tier;
    this.tracer = parts.tracer;
    this.propagator = parts.propagator;
    if (parts.posthog !== undefined) {
      this.#throttleTimer = setInterval(() => this.#reportThrottled(), ERROR_WINDOW_MS).unref();
    }
  }

  get sessionId(): string {
    return this.#parts.sessionId();
  }

  isAllowed(pipe: Pipe): boolean {
    return this.#parts[pipe] !== undefined && this.#shutdown === undefined;
  }

  captureEvent(name: string, properties?: EventProperties): void {
    this.#parts.posthog?.capture.event(name, properties);
  }

  captureError(tag: string, error: unknown, properties?: EventProperties): void {
    this.#parts.posthog?.capture.error(tag, error, properties);
  }

  captureSession(): void {
    const state = globalState();
    if (state.sessionStarted) return;
    state.sessionStarted = true;
    const { session, ownProvider, posthog, otlp } = this.#parts;
    const span = session.start();
    this.#callOff = prepareLater([
      ...(posthog?.pipe.preparations() ?? []),
      ...(otlp?.pipe.preparations(span) ?? []),
      ...(posthog?.courier.preparations() ?? []),
      ...(otlp?.courier.preparations() ?? []),
    ]);
    if (!ownProvider && !state.sessionMirrored) posthog?.capture.session(`land:${this.tier}:session:start`, span);
  }

  stats(): Stats {
    const { posthog, otlp } = this.#parts.ledgers;
    return { posthog: posthog.stats(), otlp: otlp.stats() };
  }

  async flush(timeoutMs = this.#budget): Promise<void> {
    const { posthog, otlp } = this.#parts;
    this.#reportThrottled();
    otlp?.pipe.release();
    void posthog?.pipe.release();
    await Promise.all([otlp?.courier.flush(timeoutMs), posthog?.courier.flush(timeoutMs)]);
  }

  shutdown(timeoutMs = this.#budget): Promise<void> {
    return (this.#shutdown ??= this.#end(timeoutMs));
  }

  /**
   * The natural end of a process: says that the session ends and sends what is pending, within the budget. What
   * is in the spool stays there, so that an end after an outage is not longer than another.
   */
  async finish(budgetMs: number): Promise<void> {
    const { otlp, posthog, session } = this.#parts;
    session.end(this.stats());
    this.#reportThrottled();
    otlp?.pipe.release();
    void posthog?.pipe.release();
    const waitMs = Math.max(0, budgetMs - SPILL_RESERVE_MS);
    await Promise.all([otlp?.courier.drain(waitMs), posthog?.courier.drain(waitMs)]);
    otlp?.courier.letGo();
    posthog?.courier.letGo();
  }

  /** What a process that may end at once can still do: everything pending is on disk when this returns. */
  spill(): void {
    const { otlp, posthog } = this.#parts;
    otlp?.pipe.spill();
    posthog?.pipe.spill();
    otlp?.courier.secure();
    posthog?.courier.secure();
  }

  /** The end of a process that has no time: spills, with the session end, and lets go of what is in flight. */
  endNow(): void {
    if (this.#shutdown !== undefined && globalState().runtime !== this) return;
    this.#parts.session.end(this.stats());
    this.#reportThrottled();
    this.spill();
    this.#parts.otlp?.courier.closeNow();
    this.#parts.posthog?.courier.closeNow();
    globalState().finalStats = this.stats();
  }

  get #budget(): number {
    return this.#parts.configuration.shutdownTimeoutMs;
  }

  async #end(timeoutMs: number): Promise<void> {
    const { otlp, posthog, session } = this.#parts;
    // Not the wall clock, which may be set back meanwhile.
    const deadline = performance.now() + timeoutMs;
    session.end(this.stats());
    await this.flush(Math.max(0, timeoutMs - SPILL_RESERVE_MS));
    clearInterval(this.#throttleTimer);
    this.#callOff?.();
    this.spill();
    posthog?.pipe.close();
    const left = Math.max(0, deadline - performance.now());
    await Promise.all([otlp?.pipe.shutdown(), otlp?.courier.close(left), posthog?.courier.close(left)]);
    this.onShutdown?.();
    const state = globalState();
    state.finalStats = this.stats();
    if (state.runtime === this) delete state.runtime;
  }

  #reportThrottled(): void {
    const { posthog } = this.#parts;
    const report = posthog?.pipe.takeThrottleReport();
    if (report !== undefined) posthog?.capture.report(`land:${this.tier}:throttle-dropped`, { ...report });
  }
}
