import { useLayoutEffect, useMemo, useState } from "preact/hooks";
import { ERROR_STATUS } from "../server/ReceivedTrace.js";
import type { TraceRows } from "../server/TraceStore.js";
import { formatDuration } from "./format.js";
import { Minimap } from "./Minimap.js";
import { spanRow } from "./spanRow.js";
import type { TreeRow } from "./spanTree.js";
import { spanTree, visibleRows } from "./spanTree.js";
import { TimeRange, timeTicks } from "./timeAxis.js";
import type { Page } from "./usePage.js";
import { useKeys } from "./usePage.js";
import { VirtualRows } from "./VirtualRows.js";

const ZOOM = 0.6;
/** Marks behind this share of the axis have no room for their text. */
const LAST_TEXT = 0.92;

interface WaterfallProps {
  readonly trace: TraceRows;
  readonly page: Page;
}

/** The spans of one trace as a tree over time, its events pinned to them. */
export function Waterfall({ trace, page: { place, fits, go } }: WaterfallProps) {
  const [folded, setFolded] = useState<readonly string[]>([]);
  const [zoomed, setZoomed] = useState<TimeRange>();
  const tree = useMemo(() => spanTree(trace.rows), [trace]);
  const events = useMemo(() => Map.groupBy(trace.events, (event) => event.spanId), [trace]);
  const visible = useMemo(() => visibleRows(tree, folded, fits), [tree, folded, fits]);
  // What was zoomed stays while the trace grows.
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
  // A span that is chosen from elsewhere does not stay folded away.
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
    else if (isClosing) choose(visible[indexOf(span.parentSpanId)]);
    else if (isParent) choose(visible[chosen + 1]);
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
      choose(failed.find((each) => each.index > (row?.index ?? -1)) ?? failed[0]);
    },
    Escape: () => document.activeElement?.closest("input, select, #details") && focus(),
  });

  const ticks = timeTicks(range.from, range.to).map((ms) => ({ ms, share: range.share(ms) }));
  const [first = 0, second = first] = ticks.map(({ share }) => share);
  const step = second - first;
  // The lines behind the bars are a background that repeats: no elements for them. The place of a background in
  // percent is a share of what its size leaves free.
  const lines = { "--step": `${step * 100}%`, "--first": `${(first / (1 - step)) * 100}%` };
  return (
    <>
      <div class="time" aria-hidden="true">
        <div class="time-label">Span</div>
        <div class="time-plots">
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
        label="Spans"
        total={tree.length}
        items={visible}
        height={26}
        chosen={chosen}
        choice={place}
        choose={choose}
        keys={keys}
        style={lines}
        row={(each, attributes) =>
          spanRow(each, attributes, {
            traceStartMs: trace.startTimeMs,
            range,
            events: events.get(each.span.spanId) ?? [],
            isFolded: folded.includes(each.span.spanId),
            isAside: fits?.(each.span) === false,
            toggle,
          })
        }
      />
    </>
  );
}
