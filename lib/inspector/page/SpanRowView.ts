import type { ReceivedEvent } from "../server/ReceivedEvent.js";
import { element, setAttribute, spoken } from "./element.js";
import { formatDuration } from "./format.js";
import type { TreeRow } from "./spanTree.js";
import { tierColour } from "./tierColour.js";
import type { TimeRange } from "./TimeRange.js";

const ERROR_STATUS = 2;
/** Deeper spans are indented no further, or their names would leave the column. */
const MAX_INDENT = 18;
const INDENT_PX = 11;
/** Bars that begin behind this share of the track have their text before them. */
const TEXT_AFTER_UNTIL = 0.72;
const MAX_PINS = 12;
const RPC_METHOD = /^([\w.]+)\/(\w+)$/;

/** What is to be drawn in a row of the waterfall. */
export interface SpanRowContent {
  readonly row: TreeRow;
  readonly index: number;
  readonly traceStartMs: number;
  readonly range: TimeRange;
  readonly events: readonly ReceivedEvent[];
  readonly folded: boolean;
  readonly chosen: boolean;
  /** Shown only for what is below it. */
  readonly aside: boolean;
}

interface Parts {
  readonly fold: HTMLElement;
  readonly dot: HTMLElement;
  readonly name: HTMLElement;
  readonly spoken: HTMLElement;
  readonly mark: HTMLElement;
  readonly bar: HTMLElement;
  readonly text: HTMLElement;
  readonly pins: HTMLElement;
}

const PARTS = new WeakMap<HTMLElement, Parts>();

/** An empty row of the waterfall; `fillSpanRow` says what is in it. */
export function createSpanRow(): HTMLElement {
  const parts: Parts = {
    fold: element("span", { class: "fold", "aria-hidden": "true" }),
    dot: element("span", { class: "dot" }),
    name: element("span", { class: "name" }),
    spoken: spoken(""),
    mark: element("span", { class: "mark", "aria-hidden": "true" }),
    bar: element("span", { class: "bar" }),
    text: element("span", { class: "bar-text" }),
    pins: element("span", { class: "pins", "aria-hidden": "true" }),
  };
  const label = element(
    "div",
    { role: "gridcell", class: "label" },
    parts.fold,
    parts.dot,
    parts.name,
    parts.mark,
    parts.spoken,
  );
  const track = element(
    "div",
    { role: "gridcell", class: "track" },
    parts.bar,
    parts.pins,
    parts.text,
  );
  const row = element("div", { role: "row", class: "span-row" }, label, track);
  PARTS.set(row, parts);
  return row;
}

export function fillSpanRow(target: HTMLElement, content: SpanRowContent): void {
  const parts = PARTS.get(target);
  if (parts === undefined) return;
  const { row, index, events, folded, chosen, aside } = content;
  const { span, depth, end } = row;
  const failed = span.statusCode === ERROR_STATUS;
  const isParent = end > index + 1;
  target.id = `span-${span.spanId}`;
  target.dataset["span"] = span.spanId;
  target.className = `span-row${failed ? " failed" : ""}${aside ? " aside" : ""}`;
  setAttribute(target, "aria-rowindex", index + 1);
  setAttribute(target, "aria-level", depth + 1);
  setAttribute(target, "aria-selected", String(chosen));
  setAttribute(target, "aria-expanded", isParent ? String(!folded) : undefined);

  parts.fold.textContent = isParent ? (folded ? "▸" : "▾") : "";
  parts.fold.style.marginLeft = `${Math.min(depth, MAX_INDENT) * INDENT_PX}px`;
  parts.dot.style.background = tierColour(span.tier);
  showName(parts.name, span.name);
  parts.name.title = `${span.tier}: ${span.name}`;
  parts.mark.textContent = `${row.orphan ? "⌁" : ""}${failed ? "✗" : ""}`;
  parts.spoken.textContent = [
    span.tier,
    failed ? "error" : "",
    row.orphan ? "parent not received" : "",
    ...events.map(({ event }) => `event ${event}`),
  ]
    .filter((text) => text !== "")
    .join(", ");
  drawBar(parts, content);
}

/** Of a method's full name the method comes first: the service is the same in row after row, and is seen where there is room. */
function showName(target: HTMLElement, name: string): void {
  const [, service, method] = RPC_METHOD.exec(name) ?? [];
  target.className = service === undefined ? "name" : "name rpc";
  if (service === undefined) target.textContent = name === "" ? "(no name)" : name;
  else
    target.replaceChildren(
      element("span", { class: "method" }, method ?? ""),
      " ",
      element("span", { class: "service" }, service),
    );
}

function drawBar(parts: Parts, { row, range, traceStartMs, events }: SpanRowContent): void {
  const { span } = row;
  const from = range.share(span.startTimeMs - traceStartMs);
  const to = range.share(span.startTimeMs - traceStartMs + span.durationMs);
  const left = Math.max(0, Math.min(1, from));
  const right = Math.max(0, Math.min(1, to));
  const outside = to < 0 || from > 1;
  parts.bar.hidden = outside;
  parts.bar.style.left = `${left * 100}%`;
  parts.bar.style.width = `${(right - left) * 100}%`;
  parts.bar.style.background = tierColour(span.tier);
  parts.text.textContent = formatDuration(span.durationMs);
  const after = right <= TEXT_AFTER_UNTIL || left < 1 - TEXT_AFTER_UNTIL;
  parts.text.className = `bar-text${right > 0.9 && after ? " inside" : ""}`;
  parts.text.style.left = after ? (right > 0.9 ? "auto" : `${right * 100}%`) : "auto";
  parts.text.style.right = after
    ? right > 0.9
      ? `${(1 - right) * 100}%`
      : "auto"
    : `${(1 - left) * 100}%`;
  const pins = events
    .slice(0, MAX_PINS)
    .map((event) => pin(event, range, span.startTimeMs, traceStartMs));
  parts.pins.replaceChildren(...pins);
}

function pin(
  { event, timestamp }: ReceivedEvent,
  range: TimeRange,
  spanStartMs: number,
  traceStartMs: number,
): HTMLElement {
  const time = Date.parse(timestamp ?? "");
  const made = element("span", {
    class: event.endsWith(":error") ? "pin failed" : "pin",
    title: event,
  });
  // Events have whole milliseconds: one may seem to come before its span.
  const share = range.share(
    Math.max(Number.isNaN(time) ? spanStartMs : time, spanStartMs) - traceStartMs,
  );
  made.style.left = `${Math.max(0, Math.min(1, share)) * 100}%`;
  made.hidden = share < -0.001 || share > 1.001;
  return made;
}
