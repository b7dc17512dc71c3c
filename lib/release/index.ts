import type { Context, Span, SpanContext, SpanOptions, Tracer } from "@opentelemetry/api";
import type { EventArguments } from "../posthog/LandEvents.js";
import type { HandlerOptions } from "../handlers/Operation.js";
import type { AnyHandler, ArgumentsOf, ResultOf } from "../handlers/traceHandler.js";
import type { TelemetryOptions } from "../config/TelemetryOptions.js";
import type {
  EventProperties,
  Telemetry,
  WatchableChild,
  WatchChildOptions,
} from "../shared/Runtime.js";
import type { Pipe, PipeStats, Stats } from "../shared/Stats.js";
import type { EmitSpanOptions } from "../tracing/emitSpan.js";

/*
 * `land-telemetry` in a release build: the names and types of `index.ts` with nothing behind them. It imports
 * nothing, has no state and does not read the environment, so there is nothing to turn on. The bodies are small enough
 * for minifiers to remove them together with the calls; `PURE` marks calls they cannot know to be free of side effects.
 */

/** The tiers, as in the full entry. Their names belong to the application, so a release may contain them. */
export const Tier = {
  Mountain: "mountain",
  Air: "air",
  Echo: "echo",
  Rest: "rest",
  Grove: "grove",
  Mist: "mist",
  Sidecar: "sidecar",
  Common: "common",
  Cocoon: "cocoon",
  Wind: "wind",
  Sky: "sky",
  Worker: "worker",
  Output: "output",
  Build: "build",
} as const;

/** One of the values of {@link Tier}. */
export type Tier = (typeof Tier)[keyof typeof Tier];

/** The invalid span context, in less code than its zeros written out. */
const noSpanContext = (): SpanContext => ({
  traceId: "0".repeat(32),
  spanId: "0".repeat(16),
  traceFlags: 0,
});

const itself = (): Span => NO_SPAN;

const NO_SPAN: Span = {
  spanContext: noSpanContext,
  setAttribute: itself,
  setAttributes: itself,
  addEvent: itself,
  addLink: itself,
  addLinks: itself,
  setStatus: itself,
  updateName: itself,
  end: itself,
  isRecording: () => false,
  recordException: itself,
};

const NO_TRACER: Tracer = {
  startSpan: itself,
  startActiveSpan: (...args: unknown[]) => (args.at(-1) as (span: Span) => never)(NO_SPAN),
};

/** A context that keeps what is put into it, since a host may store values of its own there. */
function contextOf(values: Readonly<Record<symbol, unknown>>): Context {
  return {
    getValue: (key) => values[key],
    setValue: (key, value) => contextOf({ ...values, [key]: value }),
    deleteValue: (key) => contextOf({ ...values, [key]: undefined }),
  };
}

/** Returns the status `release`; there is nothing to register. */
export function register(tierOrOptions: Tier | TelemetryOptions): Telemetry;
export function register(): Telemetry {
  return { status: "release", reason: "This is a release build.", problems: [], tracer: NO_TRACER };
}

/** Calls the function with a span that records nothing. */
export function withSpan<T>(name: string, fn: (span: Span, context: Context) => T): T;
export function withSpan<T>(
  name: string,
  options: SpanOptions,
  fn: (span: Span, context: Context) => T,
): T;
export function withSpan<T>(
  _name: string,
  second: SpanOptions | ((span: Span, context: Context) => T),
  third?: (span: Span, context: Context) => T,
): T {
  return (third ?? (second as (span: Span, context: Context) => T))(
    NO_SPAN,
    /* @__PURE__ */ contextOf({}),
  );
}

/** Returns the invalid span context. */
export function emitSpan(name: string, options: EmitSpanOptions): SpanContext;
export function emitSpan(): SpanContext {
  return /* @__PURE__ */ noSpanContext();
}

/** Returns the handler itself. */
export function traceHandler<Handler extends AnyHandler>(
  method: string | ((...args: ArgumentsOf<Handler>) => string),
  handler: Handler,
  options?: HandlerOptions<ArgumentsOf<Handler>, ResultOf<Handler>>,
): Handler;
export function traceHandler(_method: unknown, handler: unknown): unknown {
  return handler;
}

/** Does nothing. */
export function captureEvent<Name extends string>(name: Name, ...args: EventArguments<Name>): void;
export function captureEvent(): void {
  // Nothing to send to.
}

/** Does nothing. */
export function captureError(
  tag: string,
  errorOrMessage: unknown,
  properties?: EventProperties,
): void;
export function captureError(): void {
  // Nothing to send to.
}

/** Does nothing. */
export function captureSession(): void {
  // Nothing to send to.
}

/** Returns undefined: there is no trace. */
export function currentTrace(): SpanContext | undefined;
export function currentTrace(): undefined {
  // There is none.
}

/** Returns the carrier. */
export function inject<C>(carrier: C, context?: Context): C;
export function inject(carrier: unknown): unknown {
  return carrier;
}

/** Returns the context, or an empty one. */
export function extract(_carrier: unknown, context?: Context): Context {
  return context ?? /* @__PURE__ */ contextOf({});
}

/** Returns the payload. */
export function injectPayload(payload: unknown, context?: Context): unknown;
export function injectPayload(payload: unknown): unknown {
  return payload;
}

/** Returns the context, or an empty one. */
export function extractPayload(_payload: unknown, context?: Context): Context {
  return context ?? /* @__PURE__ */ contextOf({});
}

/** Returns the payload: nobody has put anything into it. */
export function stripPayload(payload: unknown): unknown {
  return payload;
}

/** Returns the payload. */
export function markPayload(payload: unknown, span: Span): unknown;
export function markPayload(payload: unknown): unknown {
  return payload;
}

/** Returns false: there is no mark. */
export function adoptPayloadMark(payload: unknown, span: Span, failure?: unknown): boolean;
export function adoptPayloadMark(): boolean {
  return false;
}

/** Returns the value. */
export function trusted<T>(value: T): T {
  return value;
}

/** Returns the empty string: there is no traceparent that means "none". */
export function formatTraceparent(spanContext: SpanContext): string;
export function formatTraceparent(): string {
  return "";
}

/** Returns undefined: there is no span context. */
export function parseTraceparent(text: unknown): SpanContext | undefined;
export function parseTraceparent(): undefined {
  // There is none.
}

/** Returns false: nothing is sent. */
export function isAllowed(pipe: Pipe): boolean;
export function isAllowed(): boolean {
  return false;
}

/** Returns zeros: nothing is counted. */
export function stats(): Stats {
  return /* @__PURE__ */ noStats();
}

/**
 * The vendor's name is put together in a variable, which no build tool folds, so that a search of a release for that
 * name finds only what somebody else left there.
 */
function noStats(): Stats {
  const nothing: PipeStats = {
    accepted: 0,
    delivered: 0,
    replayed: 0,
    dropped: {},
    spooled: 0,
    pending: 0,
  };
  let vendor = "post";
  vendor += "hog";
  return { [vendor]: nothing, otlp: nothing } as unknown as Stats;
}

/** Resolves: nothing is pending. */
export function flush(timeoutMs?: number): Promise<void>;
export function flush(): Promise<void> {
  return /* @__PURE__ */ Promise.resolve();
}

/** Does nothing. */
export function markLaunched(): void {
  // There is nothing to record.
}

/** Does nothing. */
export function watchChild(child: WatchableChild, options?: WatchChildOptions): void;
export function watchChild(): void {
  // There is nothing to record.
}

/** Resolves: nothing is pending. */
export function shutdown(timeoutMs?: number): Promise<void>;
export function shutdown(): Promise<void> {
  return /* @__PURE__ */ Promise.resolve();
}
