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

/** What stands for no parent at all; it holds nothing, so that one serves all. */
let nothing: Span | undefined;

/**
 * A span that records nothing and stands for its parent, as the API's no-op tracer makes it. It leaves the
 * active context alone, which makes it cheaper than that.
 */
export function inertSpan(parent: Context = context.active()): Span {
  const above = trace.getSpan(parent);
  return above === undefined
    ? (nothing ??= trace.wrapSpanContext(INVALID_SPAN_CONTEXT))
    : trace.wrapSpanContext(above.spanContext());
}

/** The name of a span that was given none that is a text. */
const UNNAMED = "unnamed";

/**
 * Starts a span. A name that is no text, or an option that cannot be read, costs itself; a sampler or processor that
 * throws costs the span; nothing costs the caller's work.
 */
export function startQuietly(
  tracer: Tracer,
  name: string,
  options: SpanOptions,
  parent: Context,
): Span {
  const isText = typeof (name as unknown) === "string";
  if (!isText) diagnoseSetting("a span's name", name, "a text", `It is called "${UNNAMED}".`);
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

/** What can be read of options that throw: each option, each attribute and each link on its own. */
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

/** Whether a value can stand where a span's kind does; one that is out of range is made fit with the span. */
export function isKind(value: unknown): value is SpanKind {
  return typeof value === "number";
}

/** Ends a span if nobody has, and keeps to itself what a processor throws there. */
export function endQuietly(span: Span, endTime?: Parameters<Span["end"]>[0]): void {
  try {
    if (span.isRecording()) span.end(endTime);
  } catch (error) {
    report("error", "a span could not be ended", error);
  }
}
