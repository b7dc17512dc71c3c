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
import { attempt } from "../shared/attempt.js";
import { diagnoseSetting } from "../shared/diagnostics.js";
import { globalState } from "../shared/globalState.js";
import { isObject } from "../shared/isObject.js";
import { readMember } from "../shared/readMember.js";
import { endQuietly, isKind, startQuietly } from "../shared/quietSpan.js";
import { toHrTime } from "./toHrTime.js";

/** A span that is already over. */
export interface EmitSpanOptions {
  /**
   * When it began: a Date, milliseconds since 1970 or a reading of `performance.now()`, nanoseconds since 1970 or a
   * reading of `process.hrtime.bigint()`, OpenTelemetry's HrTime or a reading of `process.hrtime()`.
   */
  readonly start: TimeInput | bigint;
  /** When it ended; the same forms. An end before the start gives a duration of 0. */
  readonly end: TimeInput | bigint;
  /** The attributes of the span. */
  readonly attributes?: Attributes;
  /** Default: INTERNAL. */
  readonly kind?: SpanKind;
  /** Spans of other traces that it has to do with. */
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

  // Each on its own: what cannot be read is left out, and nothing else.
  const given = (option: keyof EmitSpanOptions): unknown => readMember(options, option);
  const end = usableTime("end", given("end")) ?? millisToHrTime(Date.now());
  const start = usableTime("start", given("start")) ?? end;
  const [attributes, kind, links] = [given("attributes"), given("kind"), given("links")];
  const span = startQuietly(
    runtime.tracer,
    name,
    {
      startTime: start,
      ...(isObject(attributes) ? { attributes: attributes as Attributes } : {}),
      ...(isKind(kind) ? { kind } : {}),
      ...(isObject(links) ? { links: links as Link[] } : {}),
    },
    parentContext(given("parent")),
  );
  const error = given("error");
  if (error !== undefined) fail(span, error, end);
  endQuietly(span, end);
  return span.spanContext();
}

function usableTime(name: string, time: unknown): HrTime | undefined {
  const usable = attempt(() => toHrTime(time));
  if (usable === undefined) {
    diagnoseSetting(
      `emitSpan ${name}`,
      time,
      "a Date, milliseconds, nanoseconds as a bigint, or HrTime",
      "The span gets the nearest time known.",
    );
  }
  return usable;
}

/** A context that throws, and a span context that cannot be read, are as if they had not been given. */
function parentContext(parent: unknown): Context {
  const active = context.active();
  if (parent === null) return trace.deleteSpan(active);
  try {
    if (typeof readMember(parent, "getValue") === "function") {
      trace.getSpan(parent as Context)?.spanContext();
      return parent as Context;
    }
    if (isObject(parent) && isSpanContextValid(parent as SpanContext))
      return trace.setSpanContext(active, parent as SpanContext);
  } catch {
    // The active context, then.
  }
  return active;
}

function fail(span: Span, error: unknown, end: HrTime): void {
  try {
    recordFailure(span, error, undefined, end);
  } catch {
    // A processor or span that throws costs the exception's details, not the span.
  }
}
