import type { Context, Span, SpanOptions } from "@opentelemetry/api";
import { context, trace } from "@opentelemetry/api";
import { closeFailed } from "../failures/recordFailure.js";
import { followCall } from "../shared/followPromise.js";
import { globalState } from "../shared/globalState.js";
import { isObject } from "../shared/isObject.js";
import { endQuietly, inertSpan, startQuietly } from "../shared/quietSpan.js";

const NO_OPTIONS: SpanOptions = {};

/**
 * Runs a function in a span of the tier's tracer. The span is active inside `fn` and everything it awaits. It ends when
 * `fn` returns, or when the promise that `fn` returned settles. `fn` gets the span and its context. Code in a page has
 * to pass that context on after an `await`, because the active context does not survive one there.
 *
 * A failure is recorded on the span (exception, `error.type`, status ERROR) and passed on unchanged. An abort through
 * the signal of an enclosing `traceHandler` is recorded as a cancellation. Returns what `fn` returns; if that is a
 * promise, a promise for the same value.
 *
 * Without `register`, with both pipes off and after `shutdown`, `fn` is called with a span that records nothing.
 *
 * @param name the span's name; for Land's own operations `land:<tier>:<action>`
 * @throws only what `fn` throws
 */
export function withSpan<T>(name: string, fn: (span: Span, context: Context) => T): T;
/**
 * Does the same with a span that is started with options.
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
  // If `fn` is not a function, calling it throws as it would without this package, and no span is made.
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
