import type { ReceivedEvent } from "../server/ReceivedEvent.js";
import type { ReceivedSpan, ReceivedSpanEvent } from "../server/ReceivedSpan.js";
import { attributeTable, foldedSection, section } from "./attributeTable.js";
import { element, spoken } from "./element.js";
import { formatDuration, formatTime, formatValue } from "./format.js";
import { tierDot } from "./tierColour.js";

const KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"];
const STATUSES = ["unset", "ok", "error"];
const ERROR_STATUS = 2;
const NANOS_PER_MS = 1e6;

/** What is known of one span, its exceptions and events first. */
export function spanDetails(
  span: ReceivedSpan,
  traceStartMs: number,
  events: readonly ReceivedEvent[],
): readonly HTMLElement[] {
  const exceptions = span.events.filter(({ name }) => name === "exception");
  const moments = span.events.filter(({ name }) => name !== "exception");
  const failed = span.statusCode === ERROR_STATUS;
  const told = exceptions.some(
    ({ attributes }) => attributes["exception.message"] === span.statusMessage,
  );
  return [
    element(
      "h2",
      { class: "details-name", tabindex: -1 },
      span.name === "" ? "(no name)" : span.name,
    ),
    element(
      "p",
      { class: "chips" },
      element("span", { class: "tag" }, tierDot(span.tier), span.tier),
      element("span", { class: "tag" }, KINDS[span.kind] ?? `kind ${span.kind}`),
      element(
        "span",
        { class: failed ? "tag failed" : "tag" },
        `status ${STATUSES[span.statusCode] ?? span.statusCode}`,
      ),
    ),
    failed && span.statusMessage !== "" && !told
      ? element("p", { class: "failure" }, span.statusMessage)
      : undefined,
    facts([
      ["Duration", formatDuration(span.durationMs)],
      [
        "Start",
        `+${formatDuration(span.startTimeMs - traceStartMs)} · ${formatTime(span.startTimeMs)}`,
      ],
      ["Span", span.spanId],
      ["Parent", span.parentSpanId ?? "none: a root"],
      ["Service", formatValue(span.resource["service.name"] ?? "–")],
      ["Scope", `${span.scope.name} ${span.scope.version}`],
    ]),
    ...exceptions.map(exception),
    ...events.map((event) => postHogEvent(event, true)),
    section("Attributes", attributeTable(span.attributes, "Attributes")),
    ...moments.map((moment) =>
      section(
        `${moment.name} at +${formatDuration(Number(moment.timeUnixNano) / NANOS_PER_MS - traceStartMs)}`,
        attributeTable(moment.attributes, moment.name),
      ),
    ),
    ...span.links.map((link) =>
      section(`Link to ${link.traceId} ${link.spanId}`, attributeTable(link.attributes, "Link")),
    ),
    foldedSection("Resource", false, attributeTable(span.resource, "Resource")),
  ].filter((part) => part !== undefined);
}

/** A PostHog event with its properties. */
export function postHogEvent(event: ReceivedEvent, open: boolean): HTMLElement {
  const title = element(
    "span",
    { class: "event-name" },
    element("span", {
      class: event.event.endsWith(":error") ? "diamond failed" : "diamond",
      "aria-hidden": "true",
    }),
    event.event,
  );
  const sent = facts([
    ["Time", event.timestamp ?? "–"],
    ["Distinct id", event.distinctId],
    ["Id", event.uuid ?? "–"],
  ]);
  return element(
    "details",
    { class: "section event", open },
    element("summary", {}, spoken("PostHog event "), title),
    sent,
    attributeTable(event.properties, "Properties"),
  );
}

function exception({ attributes }: ReceivedSpanEvent): HTMLElement {
  const {
    "exception.type": type,
    "exception.message": message,
    "exception.stacktrace": stack,
    ...others
  } = attributes;
  return section(
    "Exception",
    element(
      "p",
      { class: "failure" },
      element("strong", {}, formatValue(type ?? "Error")),
      ` ${formatValue(message ?? "")}`,
    ),
    stack === undefined
      ? undefined
      : element(
          "pre",
          { class: "stack", tabindex: 0, role: "region", "aria-label": "Stack" },
          formatValue(stack),
        ),
    Object.keys(others).length === 0 ? undefined : attributeTable(others, "Of the exception"),
  );
}

function facts(list: readonly (readonly [string, string])[]): HTMLElement {
  return element(
    "dl",
    { class: "facts" },
    ...list.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]),
  );
}
