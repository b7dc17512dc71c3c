import { useState } from "preact/hooks";
import type { ReceivedError } from "../server/findErrors.js";
import { postHogEvent } from "./Details.js";
import { ErrorCard } from "./ErrorCard.js";
import { formatCount, formatTime } from "./format.js";
import { TierDot } from "./TierDot.js";
import type { Page } from "./usePage.js";
import type { RowAttributes } from "./VirtualRows.js";
import { VirtualRows } from "./VirtualRows.js";

/** All errors, the newest first, each once however many spans it passed through. */
export function ErrorsView({ held: { errors, editor, newestFirst } }: Page) {
  const [key, choose] = useState("");
  const found = errors.findIndex((error) => keyOf(error) === key);
  const chosen = Math.max(found, 0);
  const error = errors[chosen];
  // The errors are requested when this view opens, but their number is known before they arrive.
  const isAwaited = newestFirst.some(({ errorCount }) => errorCount > 0);
  return (
    <>
      <div class="list">
        <p class="empty" hidden={errors.length > 0 || isAwaited}>
          No error was received yet.
        </p>
        <VirtualRows
          id="error-list"
          role="listbox"
          aria-label="Errors"
          items={errors}
          height={62}
          chosen={error === undefined ? -1 : chosen}
          choice={key}
          choose={(next) => choose(keyOf(next))}
          render={errorRow}
        />
      </div>
      <aside id="error-details" tabIndex={0} aria-label="Error">
        {error && (
          <>
            <h2 class="details-name">{error.name}</h2>
            <p class="chips">
              <span class="tag">
                <TierDot tier={error.tier} />
                {error.tier}
              </span>
              <span class="tag">{formatTime(error.timeMs)}</span>
              {error.spanIds.length > 1 && (
                <span class="tag">went through {formatCount(error.spanIds.length, "span")}</span>
              )}
              {error.traceId && error.spanId && (
                <a href={`#/traces/${error.traceId}/${error.spanId}`}>Show its span</a>
              )}
            </p>
            <ErrorCard error={error} editor={editor} />
            {error.event && postHogEvent(error.event, false)}
          </>
        )}
      </aside>
    </>
  );
}

function keyOf({ traceId = "", spanId = "", event, message }: ReceivedError): string {
  return JSON.stringify([traceId, spanId, event?.uuid, message]);
}

function errorRow(error: ReceivedError, attributes: RowAttributes) {
  const { type, message, tier, name, timeMs } = error;
  return (
    <div class="trace-item" role="option" {...attributes}>
      <div class="line">
        <span class="name">
          <span class="failed-text">{type}</span> {message}
        </span>
        <span class="number muted">{formatTime(timeMs)}</span>
      </div>
      <div class="line muted">
        <TierDot tier={tier} />
        {tier}
        <span class="name">{name}</span>
      </div>
    </div>
  );
}
