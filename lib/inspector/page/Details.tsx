import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ReceivedError } from "../server/findErrors.js";
import { isErrorEvent, isUnfinished } from "../server/findErrors.js";
import type {
  ReceivedAttributes,
  ReceivedEvent,
  ReceivedLog,
  ReceivedSpan,
  ReceivedSpanEvent,
} from "../server/ReceivedTrace.js";
import { ERROR_STATUS } from "../server/ReceivedTrace.js";
import type { TraceRows } from "../server/TraceStore.js";
import { Copy, ErrorCard, Marked } from "./ErrorCard.js";
import { formatDuration, formatTime, formatValue } from "./format.js";
import { logOf } from "./logRows.js";
import { TierDot } from "./TierDot.js";
import { ask } from "./useReceiver.js";

const KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"];
const STATUSES = ["unset", "ok", "error"];
const NANOS_PER_MS = 1e6;

type DetailsProps = Readonly<{ trace: TraceRows; spanId: string; editor: string; find: string }>;

/** The details of the chosen span or log record, or the trace's events while neither is chosen. */
export function Details({ trace, spanId, editor, find }: DetailsProps) {
  const content = useRef<HTMLDivElement>(null);
  const [span, setSpan] = useState<ReceivedSpan>();
  useEffect(() => {
    let isCurrent = true;
    const show = (found?: ReceivedSpan): void => {
      if (isCurrent) setSpan(found);
    };
    if (spanId === "" || logOf(trace, spanId) !== undefined) show();
    else ask<ReceivedSpan>(`traces/${trace.traceId}/spans/${spanId}`).then(show, () => show());
    return () => {
      isCurrent = false;
    };
  }, [trace.traceId, spanId]);
  useLayoutEffect(() => content.current?.parentElement?.scrollTo(0, 0), [span]);
  const log = logOf(trace, spanId);
  return (
    <div ref={content}>
      {log && logDetails(log, trace)}
      {!log && span === undefined && traceEvents(trace)}
      {!log && span && spanDetails(span, trace, editor, find)}
    </div>
  );
}

/** The log records without a span, then the events, those without a span first. */
function traceEvents({ rows, events, logs, startTimeMs }: TraceRows) {
  const known = new Set<string | undefined>(rows.map(({ spanId }) => spanId));
  const groups = {
    "Without a span": events.filter(({ spanId }) => !known.has(spanId)),
    "Pinned to a span": events.filter(({ spanId }) => known.has(spanId)),
  };
  return (
    <>
      <h2 class="details-name">Events of this trace</h2>
      <p class="muted">
        Choose a span to see its attributes. Events are pinned to their spans as diamonds.
      </p>
      {logs
        .filter(({ spanId = "" }) => !known.has(spanId))
        .map((log) => logRecord(log, startTimeMs))}
      {Object.entries(groups).map(([title, group]) => [
        group.length > 0 && <h3>{title}</h3>,
        group.map((event) => postHogEvent(event, false)),
      ])}
    </>
  );
}

/** One log record, with a link to its span. */
function logDetails(log: ReceivedLog, { traceId, startTimeMs }: TraceRows) {
  return (
    <>
      <h2 class="details-name">Log record</h2>
      {log.spanId !== undefined && (
        <p>
          It was written in <a href={`#/traces/${traceId}/${log.spanId}`}>a span</a>.
        </p>
      )}
      {logRecord(log, startTimeMs)}
    </>
  );
}

/** The details of one span, its exceptions and events before its attributes. */
function spanDetails(span: ReceivedSpan, trace: TraceRows, editor: string, find: string) {
  const traceStartMs = trace.startTimeMs;
  const events = trace.events.filter((event) => event.spanId === span.spanId);
  const logs = trace.logs.filter((log) => log.spanId === span.spanId);
  const error = trace.errors.find(({ spanIds }) => spanIds.includes(span.spanId));
  const origin = error?.spanId === span.spanId ? undefined : error?.spanId;
  const { tier, kind, statusCode, statusMessage, scope, resource } = span;
  const exceptions = span.events.filter(({ name }) => name === "exception");
  const moments = span.events.filter(({ name }) => name !== "exception");
  const failed = statusCode === ERROR_STATUS;
  const isTold = exceptions.some((each) => each.attributes["exception.message"] === statusMessage);
  const sinceStart = (ms: number): string => `+${formatDuration(ms - traceStartMs)}`;
  return (
    <>
      <h2 class="details-name">{span.name || "(no name)"}</h2>
      <p class="chips">
        <span class="tag">
          <TierDot tier={tier} />
          {tier}
        </span>
        <span class="tag">{KINDS[kind] ?? `kind ${kind}`}</span>
        <span class={failed ? "tag failed" : "tag"}>
          status {STATUSES[statusCode] ?? statusCode}
        </span>
        {isUnfinished(span) && (
          <span class="tag">
            open when its process ended ({formatValue(span.attributes["land.ended_by"])})
          </span>
        )}
      </p>
      {failed && statusMessage !== "" && !isTold && <p class="failure">{statusMessage}</p>}
      {facts({
        Duration: formatDuration(span.durationMs),
        Start: `${sinceStart(span.startTimeMs)} · ${formatTime(span.startTimeMs)}`,
        Span: span.spanId,
        Parent: span.parentSpanId ?? "none: a root",
        Service: formatValue(resource["service.name"] ?? "–"),
        Scope: `${scope.name} ${scope.version}`,
      })}
      {origin && (
        <p>
          The error came from <a href={`#/traces/${span.traceId}/${origin}`}>an inner span</a>.
        </p>
      )}
      {exceptions.map((each) => exception(each, error?.causes ?? [], editor))}
      {events.map((event) => postHogEvent(event, true, find))}
      {logs.map((log) => logRecord(log, traceStartMs))}
      {section("Attributes", table(span.attributes, "Attributes", find))}
      {moments.map(({ name, timeUnixNano, attributes }) => {
        const at = sinceStart(Number(timeUnixNano) / NANOS_PER_MS);
        return section(`${name} at ${at}`, table(attributes, name));
      })}
      {span.links.map(({ traceId, spanId, attributes }) =>
        section(
          "Link",
          <a href={`#/traces/${traceId}/${spanId}`}>{`${traceId} ${spanId}`}</a>,
          table(attributes, "Link"),
        ),
      )}
      <details class="section">
        <summary>Resource</summary>
        {table(resource, "Resource", find)}
      </details>
      <details class="section">
        <summary>Raw JSON</summary>
        <Copy what="JSON" text={JSON.stringify(span, undefined, 2)} />
        <pre class="raw" tabIndex={0} role="region" aria-label="Raw JSON">
          {JSON.stringify(span, undefined, 2)}
        </pre>
      </details>
    </>
  );
}

/** A PostHog event with its properties. */
export function postHogEvent(event: ReceivedEvent, open: boolean, find = "") {
  const { event: name, timestamp = "–", distinctId, uuid = "–", properties } = event;
  return (
    <details class="section event" open={open}>
      <summary>
        <span class="spoken">PostHog event </span>
        <span class="event-name">
          <span class={isErrorEvent(event) ? "diamond failed" : "diamond"} aria-hidden="true" />
          {name}
        </span>
      </summary>
      {facts({ Time: timestamp, "Distinct id": distinctId, Id: uuid })}
      {table(properties, "Properties", find)}
    </details>
  );
}

function logRecord({ timeMs, severity, body, attributes }: ReceivedLog, traceStartMs: number) {
  return section(
    `Log ${severity} at +${formatDuration(timeMs - traceStartMs)}`,
    <p class="log">{formatValue(body)}</p>,
    Object.keys(attributes).length > 0 && table(attributes, "Of the log record"),
  );
}

function exception(
  { attributes }: ReceivedSpanEvent,
  causes: ReceivedError["causes"],
  editor: string,
) {
  const {
    "exception.type": type = "Error",
    "exception.message": message = "",
    "exception.stacktrace": stack = "",
    ...others
  } = attributes;
  const error = {
    type: formatValue(type),
    message: formatValue(message),
    stack: formatValue(stack),
    causes,
    openSpans: [],
  };
  return (
    <>
      <ErrorCard error={error} editor={editor} />
      {Object.keys(others).length > 0 && table(others, "Of the exception")}
    </>
  );
}

function section(title: string, ...content: ComponentChildren[]) {
  return (
    <section class="section">
      <h3>{title}</h3>
      {content}
    </section>
  );
}

function facts(list: Readonly<Record<string, string>>) {
  const items = Object.entries(list).map(([name, value]) => [<dt>{name}</dt>, <dd>{value}</dd>]);
  return <dl class="facts">{items}</dl>;
}

/** Lets a key that is too long for its column wrap between its words. */
function breakable(key: string): ComponentChildren {
  return key.split(/(?<=[._-])/).map((word) => [word, <wbr />]);
}

/** A table of plain text. PostHog's `$` properties are last, because they say least: every event has the same. */
function table(attributes: ReceivedAttributes, label: string, find = "") {
  const rank = (key: string): string => (key.startsWith("$") ? `1${key}` : `0${key}`);
  const keys = Object.keys(attributes).sort((left, right) => (rank(left) < rank(right) ? -1 : 1));
  if (keys.length === 0) return <p class="muted">None.</p>;
  const rows = keys.map((key) => (
    <tr>
      <th scope="row">{breakable(key)}</th>
      <td>
        <Marked text={formatValue(attributes[key])} find={find} />
      </td>
    </tr>
  ));
  return (
    <table class="attributes" aria-label={label}>
      <tbody>{rows}</tbody>
    </table>
  );
}
