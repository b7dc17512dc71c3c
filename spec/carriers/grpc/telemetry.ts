import { context, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import type { ReadableSpan, Span, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { settleFailure } from "../../../lib/failures/settleFailure";
import { createPropagator } from "../../../lib/propagation/createPropagator";
import { globalState } from "../../../lib/shared/globalState";
import type { Runtime } from "../../../lib/shared/Runtime";

/** A failure that was counted as one event. */
export interface CountedFailure {
  readonly span: string;
  readonly kind: number;
  readonly message: string;
}

/** Keeps every started and ended span, counts failures as a mirror would, and can be waited for. */
export class Recorder implements SpanProcessor {
  readonly started: Span[] = [];
  readonly ended: ReadableSpan[] = [];
  readonly counted: CountedFailure[] = [];
  /** How often `end()` was called; the SDK passes on only the first call for a span. */
  endCalls = 0;
  private waiting: (() => void)[] = [];

  onStart(span: Span): void {
    this.started.push(span);
    const end = span.end.bind(span);
    span.end = (time) => {
      this.endCalls++;
      end(time);
    };
  }

  onEnd(span: ReadableSpan): void {
    this.ended.push(span);
    const { traceId, spanId } = span.spanContext();
    const message = span.status.message ?? "";
    if (
      span.status.code === SpanStatusCode.ERROR &&
      settleFailure({
        span,
        traceId,
        spanId,
        parentSpanId: span.parentSpanContext?.spanId,
        text: message,
      })
    ) {
      this.counted.push({ span: span.name, kind: span.kind, message });
    }
    for (const wake of this.waiting.splice(0)) wake();
  }

  /** Resolves when this many spans have ended and no started span is still open. */
  async settled(count: number): Promise<ReadableSpan[]> {
    while (this.ended.length < count || this.started.length > this.ended.length) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    return this.ended;
  }

  reset(): void {
    this.endCalls = 0;
    this.started.length = this.ended.length = this.counted.length = 0;
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}

export const propagator = createPropagator();

/** Puts a runtime with the official SDK into the global state, as `register` does. */
export function installTelemetry(): Recorder {
  const recorder = new Recorder();
  const provider = new BasicTracerProvider({ spanProcessors: [recorder] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  const nothing = (): void => undefined;
  const runtime: Runtime = {
    tier: "cocoon",
    tracer: provider.getTracer("land.cocoon"),
    propagator,
    sessionId: "session",
    isAllowed: () => true,
    captureEvent: nothing,
    captureError: nothing,
    captureSession: nothing,
    stats: () => {
      throw new Error("not part of these tests");
    },
    flush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  globalState().runtime = runtime;
  return recorder;
}

export function removeTelemetry(): void {
  delete globalState().runtime;
  context.disable();
  trace.disable();
}
