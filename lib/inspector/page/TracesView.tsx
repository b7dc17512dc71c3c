import { useLayoutEffect, useRef } from "preact/hooks";
import type { TraceSummary } from "../server/ReceivedTrace.js";
import type { Held } from "./useReceiver.js";
import { Copy } from "./ErrorCard.js";
import { Details } from "./Details.js";
import { formatCount, formatDuration, formatTime } from "./format.js";
import { SaveMenu } from "./SaveMenu.js";
import { TierDot, TierDots } from "./TierDot.js";
import type { Page } from "./usePage.js";
import type { RowAttributes } from "./VirtualRows.js";
import { VirtualRows } from "./VirtualRows.js";
import { Waterfall } from "./Waterfall.js";

/** How long the search waits after the last key press, in ms. */
const SEARCH_AFTER_MS = 150;
const DURATIONS = { any: 0, "1 ms": 1, "10 ms": 10, "100 ms": 100, "1 s": 1_000, "10 s": 10_000 };
const NO_SESSION = "no session";

/** The list of traces, the waterfall of the chosen one, and the details of its chosen span. */
export function TracesView(page: Page) {
  const { trace } = page.held;
  const spanId = trace?.traceId === page.place.traceId ? page.place.spanId : "";
  return (
    <>
      <Filters {...page} />
      <div class="columns">
        <TraceList {...page} />
        <div class="middle">
          {trace === undefined ? (
            <p class="empty">No trace is chosen.</p>
          ) : (
            <article id="trace" aria-labelledby="trace-name">
              <TraceHead {...trace} />
              <Waterfall key={trace.traceId} {...page} trace={trace} />
            </article>
          )}
        </div>
        <aside id="details" tabIndex={0} aria-label="Details">
          {trace && (
            <Details
              trace={trace}
              spanId={spanId}
              editor={page.held.editor}
              find={page.filter.text}
            />
          )}
        </aside>
      </div>
    </>
  );
}

function Filters({ held, filter, look }: Page) {
  const timer = useRef(0);
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (filter.text === "" && input.current !== null) input.current.value = "";
  }, [filter.text]);
  const search = (text: string): void => {
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => look({ text: text.trim() }), SEARCH_AFTER_MS);
  };
  const toggle = (tier: string): void => {
    const others = filter.tiers.filter((each) => each !== tier);
    look({ tiers: others.length < filter.tiers.length ? others : [...others, tier] });
  };
  const tiers = new Set(held.newestFirst.flatMap((trace) => trace.tiers));
  return (
    <div class="filters" role="search">
      <input
        id="search"
        ref={input}
        type="search"
        placeholder="Search: words, key=value, >100ms  ( / )"
        aria-label="Search names, attributes, events and ids"
        autocomplete="off"
        spellcheck={false}
        onInput={({ currentTarget }) => search(currentTarget.value)}
      />
      <div class="chips" role="group" aria-label="Tiers">
        {[...tiers].sort().map((tier) => (
          <button
            key={tier}
            type="button"
            class="chip"
            aria-pressed={filter.tiers.includes(tier)}
            onClick={() => toggle(tier)}
          >
            <TierDot tier={tier} />
            {tier}
          </button>
        ))}
      </div>
      <button
        id="errors-only"
        type="button"
        class="chip"
        aria-pressed={filter.errorsOnly}
        onClick={() => look({ errorsOnly: !filter.errorsOnly })}
      >
        <span class="mark" aria-hidden="true">
          ✗
        </span>
        Errors only
      </button>
      <label class="chip">
        Longer than
        <select
          id="min-duration"
          value={filter.minMs}
          onChange={({ currentTarget }) => look({ minMs: Number(currentTarget.value) })}
        >
          {Object.entries(DURATIONS).map(([name, ms]) => (
            <option value={ms}>{name}</option>
          ))}
        </select>
      </label>
    </div>
  );
}

type Heading = Readonly<{ session: string; traces: readonly TraceSummary[] }>;

/** The traces by session: the newest session first, and within a session the newest trace. */
function TraceList({ held, place, fitting, go }: Page) {
  const sessions = Map.groupBy(fitting, ({ sessionIds }) => sessionIds[0] ?? NO_SESSION);
  const items = [...sessions].flatMap(([session, traces]): (Heading | TraceSummary)[] => [
    { session, traces },
    ...traces,
  ]);
  return (
    <nav class="list" aria-label="Traces">
      <div class="empty" hidden={items.length > 0}>
        {held.traces.size === 0 ? <Start /> : "No trace fits the filters."}
      </div>
      <Lost {...held} />
      <VirtualRows
        id="trace-list"
        role="listbox"
        aria-label="Traces"
        items={items}
        height={62}
        chosen={items.findIndex((item) => "traceId" in item && item.traceId === place.traceId)}
        choice={place.traceId}
        choose={(item) => "traceId" in item && go({ traceId: item.traceId, spanId: "" })}
        isHeading={(item) => !("traceId" in item)}
        render={(item, attributes) =>
          "traceId" in item ? traceItem(item, attributes) : sessionItem(item)
        }
      />
    </nav>
  );
}

/** How to start a program, shown until something is received. */
function Start() {
  const pipes = { Capture: true, Report: true, Emit: true, Pipe: location.origin };
  const settings = { ...pipes, Beam: location.origin, Authorize: "phc_local" };
  const words = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const line = `${words.join(" ")} node app.mjs`;
  return (
    <>
      <p>Waiting for the first trace. Start a program with</p>
      <code id="start-line">{line}</code>
      <p>
        <Copy what="line" text={line} />
      </p>
    </>
  );
}

/** The number of evicted traces, and the refused requests. */
function Lost({ lost }: Pick<Held, "lost">) {
  const { evictedTraces = 0, evictedErrors = 0 } = lost?.counts ?? {};
  return (
    <div id="lost" class="muted">
      {evictedTraces > 0 && (
        <p>
          {formatCount(evictedTraces, "trace was", "traces were")} forgotten to make room, of which{" "}
          {evictedErrors} had an error.
        </p>
      )}
      {lost?.refusals.map(({ route, status, count, reason }) => (
        <p>
          {formatCount(count, "request")} to {route} refused ({status}): {reason}
        </p>
      ))}
    </div>
  );
}

function sessionItem({ session, traces }: Heading) {
  const tiers = [...new Set(traces.flatMap((trace) => trace.tiers))];
  return (
    <div class="session-item" role="presentation">
      <div class="line">
        <span class="session-name grow">
          {session === NO_SESSION ? "No session" : `Session ${session.slice(0, 8)}`}
        </span>
        <TierDots tiers={tiers} />
      </div>
      <div class="line muted">
        {formatCount(traces.length, "trace")} · {formatCount(tiers.length, "tier")}
      </div>
    </div>
  );
}

function traceItem(trace: TraceSummary, attributes: RowAttributes) {
  const {
    name,
    tiers,
    errorCount,
    cancelledCount,
    durationMs,
    spanCount,
    eventCount,
    startTimeMs,
  } = trace;
  const session = trace.sessionIds[0]?.slice(0, 8);
  return (
    <div class="trace-item" role="option" {...attributes}>
      <div class="line">
        <span class="name">{name || "(no name)"}</span>
        <span class="number">{formatDuration(durationMs)}</span>
      </div>
      <div class="line muted">
        <TierDots tiers={tiers} />
        <span>{formatCount(spanCount, "span")}</span>
        <span class="grow">
          {errorCount > 0 && <span class="badge">{formatCount(errorCount, "error")}</span>}
          {cancelledCount > 0 && (
            <span>
              {" "}
              <span aria-hidden="true">⊘ {cancelledCount}</span>
              <span class="spoken">{cancelledCount} cancelled</span>
            </span>
          )}
        </span>
        <span>{formatTime(startTimeMs).slice(0, 8)}</span>
        <span class="spoken">
          {formatCount(eventCount, "event")}, tiers {tiers.join(", ")},{" "}
          {session === undefined ? NO_SESSION : `session ${session}`}
        </span>
      </div>
    </div>
  );
}

function TraceHead(trace: TraceSummary) {
  const { traceId, tiers, errorCount, sessionIds } = trace;
  return (
    <div class="trace-head">
      <h2 id="trace-name">{trace.name || "(no name)"}</h2>
      <SaveMenu id="save-this" label="Save trace" query={`trace=${traceId}`} />
      <p id="trace-facts" class="trace-facts">
        <span>{formatDuration(trace.durationMs)}</span>
        <span>{formatCount(trace.spanCount, "span")}</span>
        <span>{formatCount(trace.eventCount, "event")}</span>
        <span>{formatTime(trace.startTimeMs)}</span>
        {errorCount > 0 && <span class="failed-text">{formatCount(errorCount, "error")}</span>}
        <span class="id">{traceId}</span>
        {sessionIds[0] !== undefined && <span class="id">session {sessionIds[0]}</span>}
      </p>
      <ul id="trace-tiers" class="legend" aria-label="Tiers of this trace">
        {tiers.map((tier) => (
          <li>
            <TierDot tier={tier} />
            {tier}
          </li>
        ))}
      </ul>
    </div>
  );
}
