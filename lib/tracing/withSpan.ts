import type { Context, Span, SpanOptions } from "@opentelemetry/api";
import { context, trace } from "@opentelemetry/api";
import { closeFailed } from "../failures/recordFailure.js";
import { followCall } from "../shared/followPromise.js";
import { globalState } from "../shared/globalState.js";
import { isObject } from "../shared/isObject.js";
import { endQuietly, inertSpan, startQuietly } from "../shared/quietSpan.js";

const NO_OPTIONS: SpanOptions = {};

/**
 * Runs a function in a span of the tier's tracer. The span is active inside `fn` and everything it awaits, and ends when
 * `fn` returns, or when the promise that `fn` returned settles. `fn` is given the span and its context, which the code of
 * a page hands on after an `await`, since nothing follows one there.
 *
 * A failure is recorded on the span (exception, `error.type`, status ERROR) and passed on: the same value,
 * to the same receiver. An abort through the signal of an enclosing `traceHandler` is recorded as a
 * cancellation. The result is that of `fn`; of a promise, a promise of the same value.
 *
 * Without `register`, with both pipes off, and after `shutdown`, `fn` is called with a span that records nothing.
 *
 * @param name the span's name; for Land's own operations `land:<tier>:<action>`
 * @throws only what `fn` throws
 */
export function withSpan<T>(name: string, fn: (span: Span, context: Context) => T): T;
/**
 * The same, for a span that is started with options.
 *
 * @param options OpenTelemetry's SpanOptions: kind, attributes, links, startTime, root
 * @throws only what `fn` throws
 */
export function withSpan<T>(
  name: string,
  options: SpanOptions,
  fn: (span: Span, context: Context) => T,
): T;
export function withSpan<T>(
  name: string,
  second: SpanOptions | ((span: Span, context: Context) => T),
  third?: (span: Span, context: Context) => T,
): T {
  const fn = third ?? (second as (span: Span, context: Context) => T);
  const { runtime } = globalState();
  // What is no function throws what calling it throws, as without us, and makes no span.
  if (runtime === undefined || typeof (fn as unknown) !== "function")
    return fn(inertSpan(), context.active());

  const parent = context.active();
  const options = third === undefined || !isObject(second) ? NO_OPTIONS : (second as SpanOptions);
  const span = startQuietly(runtime.tracer, name, options, parent);
  const inside = trace.setSpan(parent, span);

  return followCall(
    () => context.with(inside, fn, undefined, span, inside),
    () => endQuietly(span),
    (failure) => closeFailed(span, failure, inside),
  );
}
