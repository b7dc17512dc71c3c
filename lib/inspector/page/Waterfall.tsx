import { useLayoutEffect, useMemo, useState } from "preact/hooks";
import { isErrorEvent } from "../server/findErrors.js";
import { ERROR_STATUS } from "../server/ReceivedTrace.js";
import type { SpanRow, TraceRows } from "../server/TraceStore.js";
import { Marked } from "./ErrorCard.js";
import { formatDuration } from "./format.js";
import { logOf, rowsWithLogs } from "./logRows.js";
import { Minimap } from "./Minimap.js";
import { NamesWidth } from "./NamesWidth.js";
import type { TreeRow } from "./spanTree.js";
import { spanTree, visibleRows } from "./spanTree.js";
import { TierDot, tierColour } from "./TierDot.js";
import { TimeRange, timeTicks } from "./timeAxis.js";
import type { Page } from "./usePage.js";
import { useKeys } from "./usePage.js";
import type { RowAttributes } from "./VirtualRows.js";
import { VirtualRows } from "./VirtualRows.js";

const ZOOM = 0.6;
/** Marks beyond this share of the axis have no room for their text. */
const LAST_TEXT = 0.92;

/** Deeper spans are not indented further, because their names would leave the column. */
const MAX_INDENT = 18;
const INDENT_PX = 11;
/** A bar that ends beyond this share of the track has its text before it, if it starts late enough for that. */
const TEXT_AFTER_UNTIL = 0.72;
/** Other bars that end beyond this share have their text inside. */
const TEXT_INSIDE_FROM = 0.9;
const MAX_PINS = 12;
const RPC_METHOD = /^([\w.]+)\/(\w+)$/;

/** The spans and log records of one trace as a tree over time, with its events pinned to the spans. */
export function Waterfall({
  trace,
  place,
  fits,
  go,
  filter,
  unfilter,
  namesWidth,
  resizeNames,
}: Page & { readonly trace: TraceRows }) {
  const [folded, setFolded] = useState<readonly string[]>([]);
  const [zoomed, setZoomed] = useState<TimeRange>();
  const tree = useMemo(() => spanTree(rowsWithLogs(trace)), [trace]);
  const pins = useMemo(() => Map.groupBy(pinsOf(trace), ({ spanId }) => spanId), [trace]);
  const visible = useMemo(() => {
    const spans = new Map(trace.rows.map((span) => [span.spanId, span]));
    // A log record is shown whenever its span is.
    const ofLog = (row: SpanRow): SpanRow => spans.get(row.parentSpanId ?? "") ?? row;
    const fitsRow = fits && ((row: SpanRow) => fits(spans.has(row.spanId) ? row : ofLog(row)));
    return visibleRows(tree, folded, fitsRow);
  }, [tree, folded, fits]);
  // The zoomed range stays the same while the trace grows.
  const range = new TimeRange(trace.durationMs, zoomed?.from, zoomed?.to);
  const show = (next: TimeRange): void => setZoomed(next.isWhole ? undefined : next);

  const indexOf = (id: string | undefined): number =>
    visible.findIndex((row) => row.span.spanId === id);
  const chosen = indexOf(place.spanId);
  const row = visible[chosen];
  const choose = (next: TreeRow | undefined): void =>
    next && go({ traceId: trace.traceId, spanId: next.span.spanId });
  const toggle = (id: string): void =>
    setFolded(folded.includes(id) ? folded.filter((each) => each !== id) : [...folded, id]);
  // Choosing a folded span from elsewhere unfolds its ancestors.
  useLayoutEffect(() => {
    if (chosen >= 0) return;
    const parents = new Map(tree.map(({ span }) => [span.spanId, span.parentSpanId]));
    const above = new Set<string>();
    for (let at = parents.get(place.spanId); at && !above.has(at); at = parents.get(at))
      above.add(at);
    setFolded(folded.filter((id) => !above.has(id)));
  }, [place]);

  const fold = (isClosing: boolean): void => {
    if (row === undefined) return;
    const { span, isParent } = row;
    if (isParent && folded.includes(span.spanId) !== isClosing) toggle(span.spanId);
    else choose(visible[isClosing ? indexOf(span.parentSpanId) : isParent ? chosen + 1 : -1]);
  };
  const zoom = (factor: number): void => {
    const middle = row && row.span.startTimeMs - trace.startTimeMs + row.span.durationMs / 2;
    show(range.zoom(factor, middle ?? (range.from + range.to) / 2));
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => fold(true),
    ArrowRight: () => fold(false),
    "+": () => zoom(ZOOM),
    "=": () => zoom(ZOOM),
    "-": () => zoom(1 / ZOOM),
    "0": () => show(new TimeRange(trace.durationMs)),
  };
  const focus = (): void => {
    document.getElementById("waterfall")?.focus();
    if (row === undefined) choose(visible[0]);
  };
  useKeys({
    w: focus,
    e: () => {
      const failed = visible.filter(({ span }) => span.statusCode === ERROR_STATUS);
      // A failed parent of a failed span failed with it.
      const above = new Set(failed.map(({ span }) => span.parentSpanId));
      const innermost = failed.filter(({ span }) => !above.has(span.spanId));
      choose(innermost.find((each) => each.index > (row?.index ?? -1)) ?? innermost[0]);
    },
    Escape: () =>
      unfilter() || (document.activeElement?.closest("input, select, #details") && focus()),
  });

  const ticks = timeTicks(range.from, range.to).map((ms) => ({ ms, share: range.share(ms) }));
  const [first = 0, second = first] = ticks.map(({ share }) => share);
  const step = second - first;
  // The lines behind the bars are a repeating background, so they need no elements. A background position in percent
  // refers to the size of the box minus that of the background.
  const lines = {
    "--step": `${step * 100}%`,
    "--first": `${(first / (1 - step)) * 100}%`,
    ...(namesWidth !== undefined && { "--names": `${namesWidth}px` }),
  };
  const spanRow = ({ span, ...each }: TreeRow, attributes: RowAttributes) => {
    const failed = span.statusCode === ERROR_STATUS;
    const isLog = logOf(trace, span.spanId) !== undefined;
    const isAside = fits?.(span) === false;
    const isFolded = folded.includes(span.spanId);
    const pinned = pins.get(span.spanId) ?? [];
    const spoken = [
      span.tier,
      isLog && "log record",
      failed && "error",
      span.cancelled && "cancelled",
      span.unfinished && "open when its process ended",
      each.isOrphan && "parent not received",
      ...pinned.map(({ title }) => title),
    ];
    const fold = (event: Event): void => {
      if (!each.isParent) return;
      event.stopPropagation();
      toggle(span.spanId);
    };
    const indent = { paddingLeft: `${10 + Math.min(each.depth, MAX_INDENT) * INDENT_PX}px` };
    return (
      <div
        role="row"
        class={`span-row${isLog ? " log" : ""}${failed ? " failed" : ""}${isAside ? " aside" : ""}`}
        aria-rowindex={each.index + 1}
        aria-level={each.depth + 1}
        aria-expanded={each.isParent ? !isFolded : undefined}
        {...attributes}
      >
        <div role="gridcell" class="label" style={indent}>
          <span class="fold" aria-hidden="true" onClick={fold}>
            {each.isParent && (isFolded ? "▸" : "▾")}
            {isLog && "≡"}
          </span>
          <TierDot tier={span.tier} />
          {spanName(span, filter.text)}
          <span class="mark" aria-hidden="true">
            {each.isOrphan && "⌁"}
            {failed && "✗"}
            {span.cancelled && "⊘"}
            {span.unfinished && "…"}
          </span>
          <span class="spoken">{spoken.filter(Boolean).join(", ")}</span>
        </div>
        {track(span, isLog, pinned, (ms) => range.share(ms - trace.startTimeMs))}
      </div>
    );
  };
  return (
    <>
      <div class="time" style={lines}>
        <div class="time-label" aria-hidden="true">
          Span
        </div>
        <NamesWidth width={namesWidth} resize={resizeNames} />
        <div class="time-plots" aria-hidden="true">
          <Minimap trace={trace} range={range} show={show} />
          <div id="axis">
            {ticks.map(({ ms, share }) => (
              <span class="tick" style={{ left: `${share * 100}%` }}>
                {share > LAST_TEXT ? "" : formatDuration(ms)}
              </span>
            ))}
          </div>
        </div>
      </div>
      <p class="empty" hidden={visible.length > 0 || tree.length === 0}>
        No span of this trace fits the filters.
      </p>
      <VirtualRows
        id="waterfall"
        role="treegrid"
        aria-label="Spans"
        aria-rowcount={tree.length}
        items={visible}
        height={26}
        chosen={chosen}
        choice={place}
        choose={choose}
        keys={keys}
        style={lines}
        render={spanRow}
      />
    </>
  );
}

/** An event at its time on the bar of a span. */
interface Pin {
  readonly spanId: string | undefined;
  readonly title: string;
  readonly timeMs: number;
  readonly failed: boolean;
}

function pinsOf({ events }: TraceRows): readonly Pin[] {
  return events.map(({ spanId, event, timestamp }) => ({
    spanId,
    title: `event ${event}`,
    timeMs: Date.parse(timestamp ?? "") || 0,
    failed: isErrorEvent({ event }),
  }));
}

/** The name of a span. The method goes before the service, which is the same in many rows and may be cut off. */
function spanName({ name, tier }: SpanRow, find: string) {
  const [, service, method] = RPC_METHOD.exec(name) ?? [];
  const parts = method && [
    <span class="method">
      <Marked text={method} find={find} />
    </span>,
    <span class="muted"> {service}</span>,
  ];
  return (
    <span class={method === undefined ? "name" : "name rpc"} title={`${tier}: ${name}`}>
      {parts ?? <Marked text={name || "(no name)"} find={find} />}
    </span>
  );
}

/** The bar of a span on the time axis, with its duration and its pinned events. */
function track(
  span: SpanRow,
  isLog: boolean,
  events: readonly Pin[],
  shareOf: (ms: number) => number,
) {
  const from = shareOf(span.startTimeMs);
  const to = shareOf(span.startTimeMs + span.durationMs);
  const [left, right] = [within(from), within(to)];
  const background = tierColour(span.tier);
  const bar = { left: percent(left), width: percent(right - left), background };
  // The text goes after the bar, inside its end or before it, depending on where there is room.
  const isBefore = right > TEXT_AFTER_UNTIL && left >= 1 - TEXT_AFTER_UNTIL;
  const isInside = !isBefore && right > TEXT_INSIDE_FROM;
  const end = { left: "auto", right: percent(1 - (isBefore ? left : right)) };
  const text = isBefore || isInside ? end : { left: percent(right), right: "auto" };
  const pins = events.slice(0, MAX_PINS).map(({ title, timeMs, failed }) => {
    // Event times are whole milliseconds, so an event may seem to precede its span.
    const share = shareOf(Math.max(timeMs, span.startTimeMs));
    const isOutside = share < -0.001 || share > 1.001;
    const style = { left: percent(within(share)) };
    const kind = failed ? "pin failed" : "pin";
    return <span class={kind} title={title} hidden={isOutside} style={style} />;
  });
  return (
    <div role="gridcell" class="track">
      <span class="bar" hidden={to < 0 || from > 1} style={bar} />
      <span aria-hidden="true">{pins}</span>
      <span class={isInside ? "bar-text inside" : "bar-text"} style={text}>
        {!isLog && formatDuration(span.durationMs)}
      </span>
    </div>
  );
}

function within(share: number): number {
  return Math.max(0, Math.min(1, share));
}

function percent(share: number): string {
  return `${share * 100}%`;
}
