import { useLayoutEffect, useMemo, useState } from "preact/hooks";
import { isErrorEvent } from "../server/findErrors.js";
import type { ReceivedEvent } from "../server/ReceivedTrace.js";
import { postHogEvent } from "./Details.js";
import { formatCount, formatTime } from "./format.js";
import { TierDot } from "./TierDot.js";
import type { Page } from "./usePage.js";
import type { RowAttributes } from "./VirtualRows.js";
import { VirtualRows } from "./VirtualRows.js";

/** The columns, each with its sort key. */
const COLUMNS: Readonly<Record<string, (event: ReceivedEvent) => string | number>> = {
  Time: timeOf,
  Tier: ({ tier = "unknown" }) => tier,
  Event: ({ event }) => event,
  Says: saysOf,
  "Part of": partOf,
};

/** All events, the newest first unless another column is chosen, with the chosen one beside them. */
export function EventsView({ held: { events, newestFirst }, go }: Page) {
  const [choice, choose] = useState<ReceivedEvent>();
  const [find, setFind] = useState("");
  const [{ column, isDown }, sort] = useState({ column: "Time", isDown: true });
  const sorted = useMemo(() => {
    const wanted = find.toLowerCase();
    return events
      .filter((event) => wanted === "" || JSON.stringify(event).toLowerCase().includes(wanted))
      .sort((a, b) => timeOf(b) - timeOf(a))
      .sort((a, b) => compare(COLUMNS[column], a, b) * (isDown ? -1 : 1));
  }, [events, find, column, isDown]);
  const chosen = sorted.findIndex(
    ({ event, uuid }) => event === choice?.event && uuid === choice.uuid,
  );
  const event = sorted[chosen];
  const isAwaited = events.length === 0 && newestFirst.some(({ eventCount }) => eventCount > 0);
  useLayoutEffect(() => {
    if (event === undefined) choose(sorted[0]);
  }, [sorted]);
  const showTrace = (traceId = "", spanId = ""): void => {
    go({ view: "traces", traceId, spanId });
    requestAnimationFrame(() => document.getElementById("waterfall")?.focus());
  };
  return (
    <>
      <div class="list">
        <div class="filters">
          <input
            id="event-search"
            type="search"
            placeholder="Search names and properties"
            aria-label="Search events"
            onInput={({ currentTarget }) => setFind(currentTarget.value.trim())}
          />
          <span class="muted">{formatCount(sorted.length, "event")}</span>
        </div>
        <div class="event-row columns-of">
          {Object.keys(COLUMNS).map((name) => (
            <button
              type="button"
              aria-pressed={name === column}
              title={`Sort by ${name.toLowerCase()}`}
              onClick={() => sort({ column: name, isDown: name === column && !isDown })}
            >
              {name}
              <span aria-hidden="true">{name === column && (isDown ? " ↓" : " ↑")}</span>
              <span class="spoken">
                {name === column && (isDown ? ", descending" : ", ascending")}
              </span>
            </button>
          ))}
        </div>
        <p class="empty" hidden={sorted.length > 0 || isAwaited}>
          {events.length === 0 ? "No event was received yet." : "No event fits the search."}
        </p>
        <VirtualRows
          id="event-list"
          role="listbox"
          aria-label="Events"
          items={sorted}
          height={32}
          chosen={chosen}
          choice={choice}
          choose={choose}
          render={eventRow}
        />
      </div>
      <aside id="event-details" tabIndex={0} aria-label="Event">
        {event?.traceId && (
          <button type="button" onClick={() => showTrace(event.traceId, event.spanId)}>
            {event.spanId === undefined ? "Show its trace" : "Show its span"}
          </button>
        )}
        {event && !event.traceId && <p class="muted">It belongs to no trace.</p>}
        {event && postHogEvent(event, true, find)}
      </aside>
    </>
  );
}

function eventRow(event: ReceivedEvent, attributes: RowAttributes) {
  const { event: name, tier = "unknown" } = event;
  return (
    <div class="event-row" role="option" {...attributes}>
      <span class="muted number">{formatTime(timeOf(event))}</span>
      <span class="line">
        <TierDot tier={tier} />
        {tier}
      </span>
      <span class={isErrorEvent({ event: name }) ? "name failed-text" : "name"}>{name}</span>
      <span class="name muted">{saysOf(event)}</span>
      <span class="muted">{partOf(event)}</span>
    </div>
  );
}

function saysOf({ properties }: ReceivedEvent): string {
  const detail = properties["error_message"] ?? properties["feature"] ?? properties["entry"];
  return typeof detail === "string" ? detail : "";
}

function partOf({ traceId, spanId }: ReceivedEvent): string {
  return traceId === undefined ? "nothing" : spanId === undefined ? "a trace" : "a span";
}

function compare(
  keyOf: ((event: ReceivedEvent) => string | number) | undefined,
  left: ReceivedEvent,
  right: ReceivedEvent,
): number {
  const [a, b] = [keyOf?.(left) ?? 0, keyOf?.(right) ?? 0];
  return a < b ? -1 : a > b ? 1 : 0;
}

function timeOf({ timestamp }: ReceivedEvent): number {
  return Date.parse(timestamp ?? "") || 0;
}
