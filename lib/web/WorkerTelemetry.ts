import type {
  Context,
  Link,
  Span,
  SpanContext,
  TextMapPropagator,
  Tracer,
} from "@opentelemetry/api";
import {
  context,
  INVALID_SPANID,
  INVALID_TRACEID,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { ErrorOrigin } from "../config/TelemetryOptions.js";
import { isCancellation } from "../failures/cancellation.js";
import { explainFailure } from "../failures/explainFailure.js";
import { countedMark, formatMark, markCounted } from "../failures/mark.js";
import { closeFailed, recordCaptured } from "../failures/recordFailure.js";
import { settleFailure } from "../failures/settleFailure.js";
import { errorProperties } from "../posthog/errorProperties.js";
import { newId } from "../resource/identity.js";
import { activeSpanContext } from "../shared/activeSpanContext.js";
import { attempt } from "../shared/attempt.js";
import { globalState } from "../shared/globalState.js";
import { readableMembers } from "../shared/readMember.js";
import type { EventProperties } from "../shared/Runtime.js";
import type { Pipe, Stats } from "../shared/Stats.js";
import type { PageTelemetry } from "./PendingTelemetry.js";
import type { WorkerLink } from "./WorkerLink.js";
import type { PlainContext, PlainSpan } from "./workerMessages.js";

/** Default timeout of `flush` and `shutdown`, in ms, as on Node. */
const BUDGET_MS = 250;

/** What a worker's telemetry needs. */
export interface WorkerParts {
  readonly tier: string;
  readonly tracer: Tracer;
  readonly propagator: TextMapPropagator;
  /** The parent of the session start. */
  readonly parent: Context;
  /** "" until the page sends it. */
  readonly sessionId: string;
  readonly link: WorkerLink;
}

/**
 * The telemetry of a worker. Redaction is too large for the worker's entry, and nothing may be stored unredacted, so
 * everything is handed to a page of the same origin and held in memory until that page has taken it.
 */
export class WorkerTelemetry implements PageTelemetry {
  readonly tier: string;
  readonly tracer: Tracer;
  readonly propagator: TextMapPropagator;
  sessionId: string;
  readonly #parts: WorkerParts;
  #session: Span | undefined;

  constructor(parts: WorkerParts) {
    this.tier = parts.tier;
    this.tracer = parts.tracer;
    this.propagator = parts.propagator;
    this.sessionId = parts.sessionId;
    this.#parts = parts;
    parts.link.onSession = (sessionId) => (this.sessionId = sessionId);
  }

  get sessionTrace(): SpanContext | undefined {
    return this.#session?.spanContext();
  }

  isAllowed(pipe: Pipe): boolean {
    return !this.#parts.link.isOff(pipe) && globalState().runtime === this;
  }

  captureEvent(name: string, properties?: EventProperties): void {
    this.#give("event", name, properties);
  }

  captureError(tag: string, error: unknown, properties?: EventProperties): void {
    attempt(() => recordCaptured(trace.getActiveSpan(), tag, error));
    this.#giveError(tag, error, properties, "captureError");
  }

  captureSession(): void {
    const state = globalState();
    if (state.sessionStarted) return;
    state.sessionStarted = true;
    attempt(() => {
      const startTime = performance.timeOrigin;
      const name = `land:${this.tier}:session:start`;
      this.#session = this.tracer.startSpan(name, { startTime }, this.#parts.parent);
      this.#session.end();
    });
  }

  onUncaught(error: unknown, origin: ErrorOrigin): void {
    if (!isCancellation(error, context.active())) this.#giveError(origin, error, {}, origin);
  }

  closeFailed(span: Span, failure: unknown, inside: Context): void {
    closeFailed(span, failure, inside);
  }

  stats(): Stats {
    return this.#parts.link.stats();
  }

  flush(timeoutMs = BUDGET_MS): Promise<void> {
    return this.#parts.link.empty(timeoutMs);
  }

  async shutdown(timeoutMs = BUDGET_MS): Promise<void> {
    const state = globalState();
    if (state.runtime === this) delete state.runtime;
    await this.flush(timeoutMs);
    state.finalStats = this.stats();
    this.#parts.link.close();
  }

  #giveError(
    tag: string,
    failure: unknown,
    properties: EventProperties | undefined,
    origin: ErrorOrigin,
  ): void {
    attempt(() => {
      if (countedMark(failure) !== undefined) return;
      this.#give("error", tag, properties, failure, origin);
      const { traceId = INVALID_TRACEID, spanId = INVALID_SPANID } = activeSpanContext() ?? {};
      markCounted(failure, formatMark(traceId, spanId));
    });
  }

  #give(
    kind: "event" | "error",
    name: string,
    properties: EventProperties | undefined,
    failure?: unknown,
    origin: ErrorOrigin = "captureError",
  ): void {
    attempt(() =>
      this.#parts.link.give(
        {
          kind,
          id: newId(),
          name,
          properties: plainMembers(properties),
          failure: kind === "error" ? explainFailure(failure) : undefined,
          origin,
          active: plainContext(activeSpanContext()),
          timestamp: new Date().toISOString(),
        },
        true,
      ),
    );
  }
}

/** Gives the spans of a worker to the page that sends. */
export class WorkerSpans implements SpanProcessor {
  readonly #link: WorkerLink;

  constructor(link: WorkerLink) {
    this.#link = link;
  }

  onStart(): void {
    // Only ended spans are handed over.
  }

  onEnd(span: ReadableSpan): void {
    attempt(() => {
      const isFailed = span.status.code === SpanStatusCode.ERROR;
      const isCounted = isFailed && isCountedHere(span);
      const { spanFailures } = globalState();
      const failure = spanFailures.has(span) ? explainFailure(spanFailures.get(span)) : undefined;
      const { spanId } = span.spanContext();
      const item = { span: plainSpan(span), isCounted, failure: isCounted ? failure : undefined };
      this.#link.give({ kind: "span", id: spanId, ...item }, isFailed);
    });
  }

  forceFlush(): Promise<void> {
    return this.#link.empty(BUDGET_MS);
  }

  shutdown(): Promise<void> {
    return this.forceFlush();
  }
}

/** Whether a span's failure is an event of its own. Decided here, since the page does not have the Error itself. */
function isCountedHere(span: ReadableSpan): boolean {
  const { traceId, spanId } = span.spanContext();
  const text = errorProperties(span).error_message;
  return settleFailure({
    span,
    traceId,
    spanId,
    parentSpanId: span.parentSpanContext?.spanId,
    text,
  });
}

function plainSpan(span: ReadableSpan): PlainSpan {
  return {
    name: span.name,
    kind: span.kind,
    context: contextOf(span.spanContext()),
    parent: plainContext(span.parentSpanContext),
    startTime: span.startTime,
    endTime: span.endTime,
    duration: span.duration,
    status: span.status,
    attributes: span.attributes,
    events: span.events,
    links: span.links.map(({ attributes = {}, context: linked }: Link) => ({
      attributes,
      context: contextOf(linked),
    })),
    instrumentationScope: span.instrumentationScope,
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
  };
}

/** A span context without the trace state, whose methods cannot be cloned. */
function contextOf({ traceId, spanId, traceFlags, isRemote }: SpanContext): PlainContext {
  return { traceId, spanId, traceFlags, isRemote: isRemote === true };
}

function plainContext(given: SpanContext | undefined): PlainContext | undefined {
  return given && contextOf(given);
}

/** The members in a form that a message can hold. A value that cannot be cloned goes through JSON or is left out. */
function plainMembers(properties: EventProperties | undefined): EventProperties | undefined {
  if (properties === undefined) return undefined;
  const members = Object.entries(readableMembers(properties)).map(([name, value]) => [
    name,
    attempt(() => structuredClone(value)) ??
      attempt(() => JSON.parse(JSON.stringify(value)) as unknown),
  ]);
  return Object.fromEntries(members) as EventProperties;
}
