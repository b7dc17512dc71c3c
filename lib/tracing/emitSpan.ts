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

/** A span whose operation is already over. */
export interface EmitSpanOptions {
  /**
   * When it began: a Date, milliseconds since 1970 or a reading of `performance.now()`, nanoseconds since 1970 or a
   * reading of `process.hrtime.bigint()`, OpenTelemetry's HrTime or a reading of `process.hrtime()`.
   */
  readonly start: TimeInput | bigint;
  /** When it ended, in the same forms. An end before the start gives a duration of 0. */
  readonly end: TimeInput | bigint;
  /** The attributes of the span. */
  readonly attributes?: Attributes;
  /** Default: INTERNAL. */
  readonly kind?: SpanKind;
  /** Links to related spans, in other traces for example. */
  readonly links?: Link[];
  /** The error that the operation failed with; the span then has error status and an exception at its end time. */
  readonly error?: unknown;
  /**
   * The parent: a context, a span's context (also a remote one), or null for a new trace.
   * Default: the active context.
   */
  readonly parent?: Context | SpanContext | null;
}

/**
 * Sends a span for an operation that was timed elsewhere. The span never becomes active; its context is returned, so
 * that later spans can name it as `parent`. Without `register` that is the invalid span context.
 *
 * A time that is not valid is reported through `diag` on each call and replaced: the start by the end, the end by the
 * current time. Never throws.
 */
export function emitSpan(name: string, options: EmitSpanOptions): SpanContext {
  const { runtime } = globalState();
  if (runtime === undefined) return INVALID_SPAN_CONTEXT;

  // Each option is read separately, so that one that cannot be read is left out alone.
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
      "The nearest known time is used.",
    );
  }
  return usable;
}

/** A context that throws and a span context that cannot be read are ignored, as if none had been given. */
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
    // Fall back to the active context.
  }
  return active;
}

function fail(span: Span, error: unknown, end: HrTime): void {
  try {
    recordFailure(span, error, undefined, end);
  } catch {
    // If a processor or the span throws, only the details of the error are lost, not the span.
  }
}
