import { useLayoutEffect, useMemo, useState } from "preact/hooks";
import type { ReceivedEvent } from "../server/ReceivedTrace.js";
import { postHogEvent } from "./Details.js";
import { formatTime } from "./format.js";
import { TierDot } from "./TierDot.js";
import type { Page } from "./usePage.js";
import type { RowAttributes } from "./VirtualRows.js";
import { VirtualRows } from "./VirtualRows.js";

/** All events, the newest first, with the chosen one beside them. */
export function EventsView({ held: { events }, go }: Page) {
  const [choice, choose] = useState<ReceivedEvent>();
  const sorted = useMemo(() => events.toSorted((a, b) => timeOf(b) - timeOf(a)), [events]);
  const chosen = sorted.findIndex(
    ({ event, uuid }) => event === choice?.event && uuid === choice.uuid,
  );
  const event = sorted[chosen];
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
        <p class="empty" hidden={events.length > 0}>
          No event was received yet.
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
        {event && postHogEvent(event, true)}
      </aside>
    </>
  );
}

function eventRow(event: ReceivedEvent, attributes: RowAttributes) {
  const { event: name, tier = "unknown", traceId, spanId, properties } = event;
  const detail = properties["error_message"] ?? properties["feature"] ?? properties["entry"];
  const place = traceId === undefined ? "no trace" : spanId === undefined ? "no span" : "pinned";
  return (
    <div class="event-row" role="option" {...attributes}>
      <span class="muted number">{formatTime(timeOf(event))}</span>
      <span class="line">
        <TierDot tier={tier} />
        {tier}
      </span>
      <span class={name.endsWith(":error") ? "name failed-text" : "name"}>{name}</span>
      <span class="name muted">{typeof detail === "string" && detail}</span>
      <span class="muted">{place}</span>
    </div>
  );
}

function timeOf({ timestamp }: ReceivedEvent): number {
  return Date.parse(timestamp ?? "") || 0;
}
