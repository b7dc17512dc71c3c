import type {
  Attributes,
  Context,
  HrTime,
  Link,
  Span,
  SpanContext,
  SpanKind,
  TimeInput,
} from "@opentelemetry/api";
import { INVALID_SPAN_CONTEXT, context, isSpanContextValid, trace } from "@opentelemetry/api";
import { millisToHrTime } from "@opentelemetry/core";
import { recordFailure } from "../failures/recordFailure.js";
import { diagnoseSetting } from "../shared/diagnostics.js";
import { globalState } from "../shared/globalState.js";
import { endQuietly, startQuietly } from "../shared/quietSpan.js";
import { toHrTime } from "./toHrTime.js";

/** A span that is already over. */
export interface EmitSpanOptions {
  /** When it began: a Date, milliseconds since 1970, a reading of `performance.now()`, or OpenTelemetry's HrTime. */
  readonly start: TimeInput;
  /** When it ended; the same forms. An end before the start gives a duration of 0. */
  readonly end: TimeInput;
  readonly attributes?: Attributes;
  /** Default: INTERNAL. */
  readonly kind?: SpanKind;
  readonly links?: Link[];
  /** What the operation failed with; the span then has error status and an exception at its end. */
  readonly error?: unknown;
  /**
   * The parent: a context, a span's context (also a remote one), or null for a new trace.
   * Default: the active context.
   */
  readonly parent?: Context | SpanContext | null;
}

/**
 * Sends a span for an operation that was timed elsewhere. It never becomes active; its context is returned,
 * so that later spans can name it as `parent`. Without `register` it is the invalid span context.
 *
 * A time that is none is reported once per call through `diag` and replaced: the start by the end, the end
 * by now. Never throws.
 */
export function emitSpan(name: string, options: EmitSpanOptions): SpanContext {
  const { runtime } = globalState();
  if (runtime === undefined) return INVALID_SPAN_CONTEXT;

  const end = usableTime("end", options.end) ?? millisToHrTime(Date.now());
  const start = usableTime("start", options.start) ?? end;
  const { attributes, kind, links } = options;
  const span = startQuietly(
    runtime.tracer,
    name,
    {
      startTime: start,
      ...(attributes === undefined ? {} : { attributes }),
      ...(kind === undefined ? {} : { kind }),
      ...(links === undefined ? {} : { links }),
    },
    parentContext(options.parent),
  );
  if (options.error !== undefined) fail(span, options.error, end);
  endQuietly(span, end);
  return span.spanContext();
}

function usableTime(name: string, time: unknown): HrTime | undefined {
  const usable = toHrTime(time);
  if (usable === undefined) {
    diagnoseSetting(
      `emitSpan ${name}`,
      time,
      "a Date, milliseconds or HrTime",
      "The span gets the nearest time known.",
    );
  }
  return usable;
}

function parentContext(parent: Context | SpanContext | null | undefined): Context {
  const active = context.active();
  if (parent === undefined) return active;
  if (parent === null) return trace.deleteSpan(active);
  if ("getValue" in parent) return parent;
  return isSpanContextValid(parent) ? trace.setSpanContext(active, parent) : active;
}

function fail(span: Span, error: unknown, end: HrTime): void {
  try {
    recordFailure(span, error, undefined, end);
  } catch {
    // A processor or span that throws costs the exception's details, not the span.
  }
}
