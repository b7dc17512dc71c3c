import type { Context, TextMapPropagator } from "@opentelemetry/api";
import { SpanStatusCode, context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  CompositePropagator,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from "@opentelemetry/core";
import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { settleFailure } from "../../lib/failures/settleFailure.js";
import type { EventProperties, Runtime } from "../../lib/shared/Runtime.js";
import { globalState } from "../../lib/shared/globalState.js";

/** A captured event, with the span that was active then. */
export interface CapturedEvent {
  readonly name: string;
  readonly properties: EventProperties;
  readonly spanId: string | undefined;
}

/** A real provider, context manager and propagator behind the runtime that `register` would install. */
export interface TestTelemetry {
  readonly runtime: Runtime;
  readonly events: CapturedEvent[];
  /** Names of the spans that were counted as an error event, as the mirror counts them. */
  readonly counted: string[];
  spans(): ReadableSpan[];
  /** The one ended span of this name. */
  span(name: string): ReadableSpan;
  stop(): void;
}

export interface TestOptions {
  readonly tier?: string;
  readonly processors?: SpanProcessor[];
  readonly propagator?: TextMapPropagator;
}

export function startTelemetry(options: TestOptions = {}): TestTelemetry {
  const exporter = new InMemorySpanExporter();
  const counted: string[] = [];
  const provider = new BasicTracerProvider({
    spanProcessors: [
      new SimpleSpanProcessor(exporter),
      new CountingProcessor(counted),
      ...(options.processors ?? []),
    ],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

  const events: CapturedEvent[] = [];
  const runtime: Runtime = {
    tier: options.tier ?? "cocoon",
    tracer: provider.getTracer("land.cocoon"),
    propagator:
      options.propagator ??
      new CompositePropagator({
        propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
      }),
    sessionId: "session",
    isAllowed: () => true,
    captureEvent: (name, properties = {}) => {
      events.push({ name, properties, spanId: trace.getActiveSpan()?.spanContext().spanId });
    },
    captureError: () => undefined,
    captureSession: () => undefined,
    stats: () => ({ posthog: EMPTY, otlp: EMPTY }),
    flush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  globalState().runtime = runtime;

  return {
    runtime,
    events,
    counted,
    spans: () => exporter.getFinishedSpans(),
    span(name) {
      const [span, ...others] = exporter.getFinishedSpans().filter((ended) => ended.name === name);
      if (span === undefined || others.length > 0)
        throw new Error(`${others.length + (span ? 1 : 0)} spans named ${name}`);
      return span;
    },
    stop() {
      delete globalState().runtime;
      context.disable();
      exporter.reset();
    },
  };
}

/** Counts failures where the mirror does: at the end of a span with error status. */
class CountingProcessor implements SpanProcessor {
  constructor(private readonly counted: string[]) {}
  onStart(): void {
    // No failure is known yet.
  }
  onEnd(span: ReadableSpan): void {
    if (span.status.code !== SpanStatusCode.ERROR) return;
    const { traceId, spanId } = span.spanContext();
    const parentSpanId = span.parentSpanContext?.spanId;
    const text = span.status.message ?? "";
    if (settleFailure({ span, traceId, spanId, parentSpanId, text })) this.counted.push(span.name);
  }
  forceFlush(): Promise<void> {
    return Promise.resolve();
  }
  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}

const EMPTY = { accepted: 0, delivered: 0, replayed: 0, dropped: {}, spooled: 0, pending: 0 };

/** The id of the span that is active in a context. */
export function activeSpanId(inside: Context = context.active()): string | undefined {
  return trace.getSpanContext(inside)?.spanId;
}
