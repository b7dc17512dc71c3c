import { asArray, asNumber, asText, member } from "./jsonMembers.js";
import type { ReceivedEvent, ReceivedSpan } from "./ReceivedTrace.js";
import { ERROR_STATUS } from "./ReceivedTrace.js";

/** One error, however many spans it passed through and whichever event reports it. */
export interface ReceivedError {
  readonly traceId: string | undefined;
  /** The innermost span that failed with it; without one, the span that its event names. */
  readonly spanId: string | undefined;
  /** The failed spans from the innermost to the outermost. */
  readonly spanIds: readonly string[];
  readonly tier: string;
  /** The name of the innermost span; without one, of the event. */
  readonly name: string;
  readonly type: string;
  readonly message: string;
  /** As it was sent. Its first line often repeats the message. */
  readonly stack: string;
  /** Its causes as far as the sender gave them, the nearest first. */
  readonly causes: readonly Readonly<Record<"type" | "message" | "stack", string>>[];
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  /** The names of the spans that were open when a process died, the innermost last; empty for any other error. */
  readonly openSpans: readonly string[];
  readonly event: ReceivedEvent | undefined;
}

/** Whether an event reports an error: Land's own, PostHog's, or the death of a process. */
export function isErrorEvent(event: Pick<ReceivedEvent, "event">): boolean {
  return event.event.endsWith(":error") || event.event === "$exception" || isDeath(event);
}

/** Whether an event says that a process crashed or vanished. */
function isDeath({ event }: Pick<ReceivedEvent, "event">): boolean {
  return /^land:[^:]+:(?:crash|vanished)$/.test(event);
}

/** Whether a span was open when its process ended. */
export function isUnfinished({ attributes }: ReceivedSpan): boolean {
  return attributes["land.unfinished"] === true;
}

/** Whether a span failed on its own: one that was open when its process died has no error of its own. */
function isFailed({ statusCode, attributes }: ReceivedSpan): boolean {
  return statusCode === ERROR_STATUS && attributes["error.type"] !== "process_death";
}

/** Whether a span was cancelled, which is neither an error nor a success. */
export function isCancelled({ attributes }: ReceivedSpan): boolean {
  return attributes["land.cancelled"] === true;
}

/**
 * The errors of one trace, or of events without a trace, ordered by time. A failed child and its failed parent are one
 * error if the parent's message is or contains the child's, or if only the child sent an event. Equal failures of
 * siblings are separate errors.
 */
export function findErrors(
  spans: readonly ReceivedSpan[],
  events: readonly ReceivedEvent[],
): readonly ReceivedError[] {
  const failed = new Map(spans.filter(isFailed).map((span) => [span.spanId, span]));
  const passedOn = new Set<string>();
  const ways: ReceivedSpan[][] = [];
  const goesOn = (child: ReceivedSpan): ReceivedSpan | undefined => {
    const parent = failed.get(child.parentSpanId ?? "");
    const isSame =
      parent !== undefined &&
      (messageOf(parent).includes(messageOf(child)) || (sentEvent(child) && !sentEvent(parent)));
    return isSame ? parent : undefined;
  };
  for (const span of failed.values()) passedOn.add(goesOn(span)?.spanId ?? "");
  const taken = new Set<string>();
  for (const origin of failed.values()) {
    if (passedOn.has(origin.spanId)) continue;
    const way: ReceivedSpan[] = [];
    for (
      let at: ReceivedSpan | undefined = origin;
      at !== undefined && !taken.has(at.spanId);
      at = goesOn(at)
    ) {
      taken.add(at.spanId);
      way.push(at);
    }
    ways.push(way);
  }
  // Spans that name each other as parents have no innermost one: the first received represents them all.
  const rest = [...failed.values()].filter(({ spanId }) => !taken.has(spanId));
  if (rest.length > 0) ways.push(rest);
  const errorEvents = events.filter(isErrorEvent);
  const wayOf = new Map(ways.flatMap((way) => way.map(({ spanId }) => [spanId, way] as const)));
  const eventOf = new Map<readonly ReceivedSpan[], ReceivedEvent>();
  const alone: ReceivedEvent[] = [];
  for (const event of errorEvents) {
    const way = wayOf.get(event.spanId ?? "");
    // The sender counts an error once, so a second event of the same name on its spans is another error.
    if (way === undefined || (eventOf.has(way) && isOther(event, eventOf.get(way))))
      alone.push(event);
    else eventOf.set(way, eventOf.get(way) ?? event);
  }
  return [
    ...ways.map((way) => errorOfSpans(way, eventOf.get(way))),
    ...alone.map((event) => (isDeath(event) ? errorOfDeath(event) : errorOfEvent(event))),
  ].sort((left, right) => left.timeMs - right.timeMs);
}

/** Whether a second event on the same spans is another error; PostHog's `$exception` beside Land's own event is not. */
function isOther(event: ReceivedEvent, before: ReceivedEvent | undefined): boolean {
  return event.event === before?.event;
}

/** The sender marks the span whose failure it counted, and does not count that error again on the parents. */
function sentEvent({ attributes }: ReceivedSpan): boolean {
  return attributes["posthog.event"] !== undefined;
}

function exceptionOf(span: ReceivedSpan): Readonly<Record<string, unknown>> {
  return span.events.findLast(({ name }) => name === "exception")?.attributes ?? {};
}

function messageOf(span: ReceivedSpan): string {
  return asText(exceptionOf(span)["exception.message"]) || span.statusMessage;
}

function errorOfSpans(
  way: readonly ReceivedSpan[],
  event: ReceivedEvent | undefined,
): ReceivedError {
  const [origin] = way as readonly [ReceivedSpan];
  // The innermost span with a message: a client's own may have a status and nothing more.
  const exception = exceptionOf(way.find((span) => messageOf(span) !== "") ?? origin);
  const properties = event?.properties ?? {};
  return {
    traceId: origin.traceId,
    spanId: origin.spanId,
    spanIds: way.map(({ spanId }) => spanId),
    tier: origin.tier,
    name: origin.name,
    type:
      asText(exception["exception.type"]) ||
      asText(origin.attributes["error.type"]) ||
      asText(properties["error_type"]) ||
      "Error",
    message: way.map(messageOf).find(Boolean) ?? asText(properties["error_message"]),
    stack: asText(exception["exception.stacktrace"]) || asText(properties["error_stack"]),
    causes: causesOf(event),
    timeMs: origin.startTimeMs + origin.durationMs,
    openSpans: [],
    event,
  };
}

function errorOfEvent(event: ReceivedEvent): ReceivedError {
  const { properties, traceId, spanId, tier = "unknown", timestamp = "" } = event;
  const [first] = asArray(properties["$exception_list"]);
  return {
    traceId,
    spanId,
    spanIds: [],
    tier,
    name: event.event,
    type: asText(properties["error_type"]) || asText(member(first, "type")) || "Error",
    message: asText(properties["error_message"]) || asText(member(first, "value")),
    stack: asText(properties["error_stack"]),
    causes: causesOf(event),
    timeMs: Date.parse(timestamp) || 0,
    openSpans: [],
    event,
  };
}

/** The death of a process, as reported by the next process of its tier. */
function errorOfDeath(event: ReceivedEvent): ReceivedError {
  const { during_launch: launch, open_spans: open, uptime_ms: uptime } = event.properties;
  const ranMs = asNumber(uptime);
  const parts = [
    causeOfDeath(event),
    ranMs === undefined ? "" : `${(ranMs / 1_000).toFixed(1)} s after its start`,
    launch === true ? "while it was launching" : "",
  ];
  return {
    ...errorOfEvent(event),
    type: event.event.endsWith(":crash") ? "Process crashed" : "Process vanished",
    message: parts.filter(Boolean).join(", "),
    openSpans: asArray(open)
      .map((name) => asText(name))
      .filter(Boolean),
  };
}

function causeOfDeath({ properties }: ReceivedEvent): string {
  const { ended_by: endedBy, error_type: type, signal, "process.exit.code": code } = properties;
  switch (endedBy) {
    case "uncaught":
      return `${asText(type) || "an error"}, which nobody caught`;
    case "fault":
      return asText(signal) || `a fault, with code ${asNumber(code) ?? "unknown"}`;
    case "killed":
      return "killed by SIGKILL";
    case "unknown":
      return "it went silent, and nobody saw why";
    default:
      return `ended by ${asText(endedBy) || "something unknown"}`;
  }
}

/** `$exception_list` begins with the error itself; `error_causes` holds only its causes. */
function causesOf(event: ReceivedEvent | undefined): ReceivedError["causes"] {
  const { properties = {} } = event ?? {};
  const own = asArray(properties["error_causes"]);
  const causes = own.length > 0 ? own : asArray(properties["$exception_list"]).slice(1);
  return causes.map((cause) =>
    typeof cause === "string"
      ? { type: "", message: cause, stack: "" }
      : {
          type: asText(member(cause, "type")),
          message: asText(member(cause, "value")) || asText(member(cause, "message")),
          stack: asText(member(cause, "stack")),
        },
  );
}
