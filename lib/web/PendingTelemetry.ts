import type { Context, Span, TextMapPropagator, Tracer } from "@opentelemetry/api";
import { context } from "@opentelemetry/api";
import type { ErrorOrigin } from "../config/TelemetryOptions.js";
import { newId } from "../resource/identity.js";
import { globalState } from "../shared/globalState.js";
import { isObject } from "../shared/isObject.js";
import { readableMembers } from "../shared/readMember.js";
import { report } from "../shared/report.js";
import type { EventProperties, Runtime } from "../shared/Runtime.js";
import type { Pipe, PipeStats, Stats } from "../shared/Stats.js";
import { setTimeout } from "../shared/timers.js";
import { forgetEarly, keepEarly } from "./earlyErrors.js";
import type { HeldSpans } from "./HeldSpans.js";

/** Maximum number of calls kept until the rest is loaded. */
const MAX_CALLS = 1_000;
/** Delays before loading the rest is retried, in ms: the server of the files may only be starting. */
const RETRIES_MS = [1_000, 10_000, 60_000];

/** An error that was captured, or was not caught, before the rest was loaded. */
export interface CapturedError {
  /** The id of its event. */
  readonly id: string;
  /** In ISO 8601. */
  readonly timestamp: string;
  readonly tag: string;
  readonly error: unknown;
  readonly properties: EventProperties | undefined;
  readonly origin: ErrorOrigin;
}

/** The telemetry of a page or a worker. */
export interface PageTelemetry extends Runtime {
  /** Reports an uncaught error. */
  onUncaught(error: unknown, origin: ErrorOrigin): void;
  /** Ends the span of a call that failed. */
  closeFailed(span: Span, failure: unknown, inside: Context): void;
}

/** The telemetry of a page once all of it is loaded. */
export interface LoadedTelemetry extends PageTelemetry {
  /** Makes an event of an error that was captured earlier. */
  onCaptured(captured: CapturedError): void;
}

/** What a page's telemetry has from the start. */
export interface PendingParts {
  readonly tier: string;
  readonly tracer: Tracer;
  readonly propagator: TextMapPropagator;
  readonly sessionId: string;
  readonly spans: HeldSpans;
  readonly isOn: (pipe: Pipe) => boolean;
  readonly load: () => Promise<LoadedTelemetry>;
}

/**
 * The telemetry of a page until the code that sends it is loaded. Spans have their ids and carriers their headers from
 * the first moment; what is captured is kept until then.
 */
export class PendingTelemetry implements PageTelemetry {
  readonly tier: string;
  readonly tracer: Tracer;
  readonly propagator: TextMapPropagator;
  readonly sessionId: string;
  readonly #parts: PendingParts;
  readonly #calls: (() => void)[] = [];
  #lost = 0;
  #next: LoadedTelemetry | undefined;
  #loading: Promise<void> | undefined;

  constructor(parts: PendingParts) {
    this.#parts = parts;
    this.tier = parts.tier;
    this.tracer = parts.tracer;
    this.propagator = parts.propagator;
    this.sessionId = parts.sessionId;
  }

  /** Loads the rest. Never rejects. */
  load(attempts = 0): Promise<void> {
    return (this.#loading ??= this.#parts.load().then(
      (next) => this.#handOver(next),
      (error: unknown) => {
        this.#loading = undefined;
        const again = RETRIES_MS[attempts];
        if (attempts === 0) report("warn", "the rest of the telemetry cannot be loaded", error);
        if (again !== undefined) setTimeout(() => void this.load(attempts + 1), again);
      },
    ));
  }

  isAllowed(pipe: Pipe): boolean {
    return this.#next?.isAllowed(pipe) ?? this.#parts.isOn(pipe);
  }

  captureEvent(name: string, properties?: EventProperties): void {
    const own = copyOf(properties);
    this.#call((next) => next.captureEvent(name, own));
  }

  captureError(tag: string, error: unknown, properties?: EventProperties): void {
    this.#captureError({ tag, error, properties: copyOf(properties), origin: "captureError" });
  }

  captureSession(): void {
    this.#call((next) => next.captureSession());
  }

  onUncaught(error: unknown, origin: ErrorOrigin): void {
    this.#captureError({ tag: origin, error, properties: {}, origin });
  }

  closeFailed(span: Span, failure: unknown, inside: Context): void {
    this.#call((next) => next.closeFailed(span, failure, inside));
  }

  stats(): Stats {
    const held = (pending: number, lost: number): PipeStats => ({
      accepted: pending + lost,
      delivered: 0,
      replayed: 0,
      dropped: lost > 0 ? { not_loaded: lost } : {},
      spooled: 0,
      pending,
    });
    const { spans } = this.#parts;
    return (
      this.#next?.stats() ?? {
        posthog: held(this.#calls.length, this.#lost),
        otlp: held(spans.count - spans.lost, spans.lost),
      }
    );
  }

  async flush(timeoutMs?: number): Promise<void> {
    await this.load();
    await this.#next?.flush(timeoutMs);
  }

  async shutdown(timeoutMs?: number): Promise<void> {
    await this.load();
    await this.#next?.shutdown(timeoutMs);
  }

  #handOver(next: LoadedTelemetry): void {
    const state = globalState();
    if (state.runtime === this) state.runtime = next;
    this.#next = next;
    for (const call of this.#calls.splice(0)) call();
  }

  /** Keeps the harmless parts of an error in storage until the rest is loaded and makes an event of it. */
  #captureError(captured: Omit<CapturedError, "id" | "timestamp">): void {
    const id = newId();
    const timestamp = new Date().toISOString();
    const { tag, error, origin } = captured;
    if (this.#next === undefined && this.#parts.isOn("posthog"))
      keepEarly(id, tag, error, origin, this.sessionId);
    this.#call((next) => {
      next.onCaptured({ ...captured, id, timestamp });
      forgetEarly(id);
    });
  }

  /** Makes a call, now or once the rest is loaded, in the context that is active now. */
  #call(call: (next: LoadedTelemetry) => void): void {
    const work = context.bind(context.active(), () => {
      if (this.#next !== undefined) call(this.#next);
    });
    if (this.#next !== undefined) work();
    else if (this.#calls.length < MAX_CALLS) this.#calls.push(work);
    else this.#lost += 1;
  }
}

/** Copies the properties as they are now, since the caller may change them before the rest is loaded. */
function copyOf(properties: EventProperties | undefined): EventProperties | undefined {
  return isObject(properties) ? readableMembers(properties) : properties;
}
