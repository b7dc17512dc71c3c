import type { ReceivedEvent } from "../server/ReceivedTrace.js";
import { ERROR_STATUS } from "../server/ReceivedTrace.js";
import { formatDuration } from "./format.js";
import type { TreeRow } from "./spanTree.js";
import { TierDot, tierColour } from "./TierDot.js";
import type { TimeRange } from "./timeAxis.js";
import type { RowAttributes } from "./VirtualRows.js";

/** Deeper spans are indented no further, or their names would leave the column. */
const MAX_INDENT = 18;
const INDENT_PX = 11;
/** Bars that begin behind this share of the track have their text before them. */
const TEXT_AFTER_UNTIL = 0.72;
/** Bars that end behind this share have their text inside. */
const TEXT_INSIDE_FROM = 0.9;
const MAX_PINS = 12;
const RPC_METHOD = /^([\w.]+)\/(\w+)$/;

interface Drawn {
  readonly traceStartMs: number;
  readonly range: TimeRange;
  readonly events: readonly ReceivedEvent[];
  readonly isFolded: boolean;
  /** Shown only for what is below it. */
  readonly isAside: boolean;
  readonly toggle: (spanId: string) => void;
}

/** A row of the waterfall. */
export function spanRow(row: TreeRow, attributes: RowAttributes, drawn: Drawn) {
  const { span, index, depth, isOrphan, isParent } = row;
  const { isFolded, isAside, events, toggle } = drawn;
  const failed = span.statusCode === ERROR_STATUS;
  const spoken = [
    span.tier,
    failed && "error",
    isOrphan && "parent not received",
    ...events.map(({ event }) => `event ${event}`),
  ];
  const fold = (event: Event): void => {
    if (!isParent) return;
    event.stopPropagation();
    toggle(span.spanId);
  };
  return (
    <div
      role="row"
      class={`span-row${failed ? " failed" : ""}${isAside ? " aside" : ""}`}
      aria-rowindex={index + 1}
      aria-level={depth + 1}
      aria-expanded={isParent ? !isFolded : undefined}
      {...attributes}
    >
      <div
        role="gridcell"
        class="label"
        style={{ paddingLeft: `${10 + Math.min(depth, MAX_INDENT) * INDENT_PX}px` }}
      >
        <span class="fold" aria-hidden="true" onClick={fold}>
          {isParent && (isFolded ? "▸" : "▾")}
        </span>
        <TierDot tier={span.tier} />
        {spanName(span.name, `${span.tier}: ${span.name}`)}
        <span class="mark" aria-hidden="true">
          {isOrphan && "⌁"}
          {failed && "✗"}
        </span>
        <span class="spoken">{spoken.filter(Boolean).join(", ")}</span>
      </div>
      {track(row, drawn)}
    </div>
  );
}

/** Of a method's full name the method comes first: the service is the same in row after row, and is seen where there is room. */
function spanName(name: string, title: string) {
  const [, service, method] = RPC_METHOD.exec(name) ?? [];
  return (
    <span class={service === undefined ? "name" : "name rpc"} title={title}>
      {service === undefined && (name || "(no name)")}
      {service !== undefined && <span class="method">{method}</span>}
      {service !== undefined && <span class="muted"> {service}</span>}
    </span>
  );
}

function track({ span }: TreeRow, { traceStartMs, range, events }: Drawn) {
  const shareOf = (ms: number): number => range.share(ms - traceStartMs);
  const from = shareOf(span.startTimeMs);
  const to = shareOf(span.startTimeMs + span.durationMs);
  const [left, right] = [within(from), within(to)];
  const bar = {
    left: percent(left),
    width: percent(right - left),
    background: tierColour(span.tier),
  };
  // The text stands behind the bar, within its end, or before it: where there is room.
  const isBefore = right > TEXT_AFTER_UNTIL && left >= 1 - TEXT_AFTER_UNTIL;
  const isInside = !isBefore && right > TEXT_INSIDE_FROM;
  const end = { left: "auto", right: percent(1 - (isBefore ? left : right)) };
  const text = isBefore || isInside ? end : { left: percent(right), right: "auto" };
  const pins = events.slice(0, MAX_PINS).map(({ event, timestamp }) => {
    // Events have whole milliseconds: one may seem to come before its span.
    const ms = Math.max(Date.parse(timestamp ?? "") || 0, span.startTimeMs);
    const share = shareOf(ms);
    const isOutside = share < -0.001 || share > 1.001;
    const style = { left: percent(within(share)) };
    const kind = event.endsWith(":error") ? "pin failed" : "pin";
    return <span class={kind} title={event} hidden={isOutside} style={style} />;
  });
  return (
    <div role="gridcell" class="track">
      <span class="bar" hidden={to < 0 || from > 1} style={bar} />
      <span aria-hidden="true">{pins}</span>
      <span class={isInside ? "bar-text inside" : "bar-text"} style={text}>
        {formatDuration(span.durationMs)}
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
