import type {
  Attributes,
  Context,
  Span,
  SpanContext,
  SpanKind,
  SpanOptions,
  Tracer,
} from "@opentelemetry/api";
import { INVALID_SPAN_CONTEXT, context, isSpanContextValid, trace } from "@opentelemetry/api";
import { attempt } from "./attempt.js";
import { diagnoseSetting } from "./diagnostics.js";
import { readableMembers, readMember } from "./readMember.js";
import { report } from "./report.js";

/** The inert span without a parent; it has no state, so one instance is shared. */
let nothing: Span | undefined;

/**
 * A span that records nothing and has its parent's span context, like the spans of the API's no-op tracer. It is
 * cheaper than those, because it leaves the active context alone.
 */
export function inertSpan(parent: Context = context.active()): Span {
  const above = trace.getSpan(parent);
  return above === undefined
    ? (nothing ??= trace.wrapSpanContext(INVALID_SPAN_CONTEXT))
    : trace.wrapSpanContext(above.spanContext());
}

/** The name of a span whose given name is not a string. */
const UNNAMED = "unnamed";

/**
 * Starts a span. Nothing that goes wrong here reaches the caller's work: a name that is not a string is replaced, an
 * option that cannot be read is left out, and if a sampler or processor throws, an inert span is returned.
 */
export function startQuietly(
  tracer: Tracer,
  name: string,
  options: SpanOptions,
  parent: Context,
): Span {
  const isText = typeof (name as unknown) === "string";
  if (!isText) diagnoseSetting("a span's name", name, "a string", `"${UNNAMED}" is used.`);
  const usable = isText ? name : UNNAMED;
  try {
    return tracer.startSpan(usable, options, parent);
  } catch (error) {
    const span = attempt(() => tracer.startSpan(usable, readableOptions(options), parent));
    const lost = span === undefined ? "" : " with all of its options";
    report("error", `a span could not be started${lost}`, error);
    return span ?? inertSpan(parent);
  }
}

/** The readable part of options that throw; each option, attribute and link is read separately. */
function readableOptions(options: SpanOptions): SpanOptions {
  const read = (name: keyof SpanOptions): unknown => readMember(options, name);
  const [kind, startTime, links] = [read("kind"), read("startTime"), read("links")];
  const isTime = attempt(() => typeof startTime === "number" || Array.isArray(startTime)) === true;
  return {
    ...(isKind(kind) ? { kind } : {}),
    ...(isTime ? { startTime: startTime as number } : {}),
    attributes: readableMembers(read("attributes")) as Attributes,
    links: (attempt(() => Array.from(links as Iterable<unknown>)) ?? []).flatMap((link) => {
      const linked = readableMembers(readMember(link, "context")) as unknown as SpanContext;
      const attributes = readableMembers(readMember(link, "attributes")) as Attributes;
      return isSpanContextValid(linked) ? [{ context: linked, attributes }] : [];
    }),
    root: read("root") === true,
  };
}

/** Whether a value can be passed as a span's kind; one out of range is corrected later, when the span is copied. */
export function isKind(value: unknown): value is SpanKind {
  return typeof value === "number";
}

/** Ends a span that is still recording. What a processor throws is reported, not thrown. */
export function endQuietly(span: Span, endTime?: Parameters<Span["end"]>[0]): void {
  try {
    if (span.isRecording()) span.end(endTime);
  } catch (error) {
    report("error", "a span could not be ended", error);
  }
}
