import type { ReceivedEvent } from "../server/ReceivedEvent.js";
import type { SpanRow, TraceRows } from "../server/TraceRows.js";
import { byId, element, fill, setAttribute } from "./element.js";
import { formatDuration } from "./format.js";
import { Minimap } from "./Minimap.js";
import { moveChoice } from "./moveChoice.js";
import { createSpanRow, fillSpanRow } from "./SpanRowView.js";
import type { TreeRow } from "./spanTree.js";
import { spanTree, visibleRows } from "./spanTree.js";
import { TimeRange } from "./TimeRange.js";
import { timeTicks } from "./timeTicks.js";
import { VirtualRows } from "./VirtualRows.js";

const ERROR_STATUS = 2;
/** In CSS pixels, as in the style sheet. */
const ROW_HEIGHT = 26;
const ZOOM = 0.6;
/** Marks behind this share of the axis have no room for their text. */
const LAST_TEXT = 0.92;

type Fits = ((span: SpanRow) => boolean) | undefined;

/** The spans of one trace as a tree over time, its events pinned to them. */
export class Waterfall {
  readonly #box = byId("waterfall");
  readonly #axis = byId("axis");
  readonly #onChoose: (spanId: string) => void;
  readonly #rows: VirtualRows;
  readonly #minimap: Minimap;
  readonly #folded = new Set<string>();
  #trace: TraceRows | undefined;
  #tree: readonly TreeRow[] = [];
  #visible: readonly number[] = [];
  #events = new Map<string, ReceivedEvent[]>();
  #range = new TimeRange(0);
  #fits: Fits;
  #chosenId = "";

  constructor(onChoose: (spanId: string) => void) {
    this.#onChoose = onChoose;
    this.#minimap = new Minimap(() => this.#redraw());
    this.#rows = new VirtualRows(this.#box, element("div", { role: "rowgroup" }), {
      height: ROW_HEIGHT,
      create: createSpanRow,
      fill: (row, index) => this.#fill(row, index),
    });
    this.#box.addEventListener("click", ({ target }) => this.#click(target as Element));
    this.#box.addEventListener("keydown", (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey && this.#press(event.key))
        event.preventDefault();
    });
  }

  /** Shows a trace; what was folded and zoomed stays when it is the same one that has grown. */
  show(trace: TraceRows, fits: Fits): void {
    const same = trace.traceId === this.#trace?.traceId;
    const whole = this.#range.isWhole;
    const { from, to } = this.#range;
    this.#trace = trace;
    this.#tree = spanTree(trace.rows);
    this.#events = Map.groupBy(
      trace.events.filter(({ spanId }) => spanId !== undefined),
      ({ spanId }) => spanId ?? "",
    );
    this.#range = new TimeRange(trace.durationMs);
    if (same && !whole) this.#range.show(from, to);
    if (!same) {
      this.#folded.clear();
      this.#box.scrollTop = 0;
    }
    this.filter(fits);
    this.#minimap.show(trace, this.#range);
  }

  filter(fits: Fits): void {
    this.#fits = fits;
    this.#visible = visibleRows(this.#tree, this.#folded, fits);
    setAttribute(this.#box, "aria-rowcount", this.#tree.length);
    byId("no-spans").hidden = this.#visible.length > 0 || this.#tree.length === 0;
    this.#rows.show(this.#visible.length);
    this.#redraw();
  }

  /** Marks a span and brings it into sight, unfolding what hides it. */
  choose(spanId: string): void {
    this.#chosenId = spanId;
    if (spanId !== "" && this.#at(this.#chosenIndex) === undefined) this.#unfold(spanId);
    if (this.#chosenIndex >= 0) this.#rows.reveal(this.#chosenIndex);
    else this.#rows.refresh();
    setAttribute(
      this.#box,
      "aria-activedescendant",
      this.#chosenIndex >= 0 ? `span-${spanId}` : undefined,
    );
  }

  focus(): void {
    this.#box.focus();
    if (this.#chosenIndex < 0) this.#chooseAt(0);
  }

  nextError(): void {
    const { length } = this.#visible;
    for (let step = 1; step <= length; step++) {
      const index = (this.#chosenIndex + step + length) % length;
      if (this.#at(index)?.span.statusCode !== ERROR_STATUS) continue;
      this.#chooseAt(index);
      return;
    }
  }

  get #chosenIndex(): number {
    return this.#visible.findIndex((index) => this.#tree[index]?.span.spanId === this.#chosenId);
  }

  #at(index: number): TreeRow | undefined {
    return this.#tree[this.#visible[index] ?? -1];
  }

  #chooseAt(index: number): void {
    const row = this.#at(index);
    if (row === undefined) return;
    this.choose(row.span.spanId);
    this.#onChoose(row.span.spanId);
  }

  #click(target: Element): void {
    const spanId = target.closest<HTMLElement>("[data-span]")?.dataset["span"];
    if (spanId === undefined) return;
    if (target.classList.contains("fold") && target.textContent !== "")
      this.#toggle(spanId, !this.#folded.has(spanId));
    else
      this.#chooseAt(this.#visible.findIndex((index) => this.#tree[index]?.span.spanId === spanId));
  }

  #press(key: string): boolean {
    const index = this.#chosenIndex;
    const row = this.#at(index);
    if (key === "ArrowRight" || key === "ArrowLeft")
      return this.#fold(key === "ArrowLeft", row, index);
    if (key === "+" || key === "=" || key === "-" || key === "0") return this.#zoom(key, row);
    return moveChoice(key, {
      count: this.#visible.length,
      page: this.#rows.page,
      chosen: index,
      choose: (at) => this.#chooseAt(at),
    });
  }

  #fold(close: boolean, row: TreeRow | undefined, index: number): boolean {
    if (row === undefined) return false;
    const { spanId, parentSpanId } = row.span;
    const isParent = row.end > (this.#visible[index] ?? 0) + 1;
    if (isParent && this.#folded.has(spanId) !== close) this.#toggle(spanId, close);
    else if (close)
      this.#chooseAt(this.#visible.findIndex((at) => this.#tree[at]?.span.spanId === parentSpanId));
    else if (isParent) this.#chooseAt(index + 1);
    return true;
  }

  #zoom(key: string, row: TreeRow | undefined): boolean {
    const middle =
      row === undefined
        ? (this.#range.from + this.#range.to) / 2
        : row.span.startTimeMs - (this.#trace?.startTimeMs ?? 0) + row.span.durationMs / 2;
    if (key === "0") this.#range.show(0, this.#range.duration);
    else this.#range.zoom(key === "-" ? 1 / ZOOM : ZOOM, middle);
    this.#redraw();
    return true;
  }

  #toggle(spanId: string, close: boolean): void {
    if (close) this.#folded.add(spanId);
    else this.#folded.delete(spanId);
    this.filter(this.#fits);
  }

  #unfold(spanId: string): void {
    const parents = new Map(this.#tree.map(({ span }) => [span.spanId, span.parentSpanId]));
    const seen = new Set<string>();
    for (let at = parents.get(spanId); at !== undefined && !seen.has(at); at = parents.get(at)) {
      seen.add(at);
      this.#folded.delete(at);
    }
    this.filter(this.#fits);
  }

  #redraw(): void {
    this.#rows.refresh();
    this.#minimap.draw();
    const { from, to } = this.#range;
    const ticks = timeTicks(from, to);
    fill(this.#axis, ...ticks.map((ms) => this.#tick(ms)));
    // The lines behind the bars are a background that repeats: no elements for them.
    const [first = 0, second = 0] = ticks.map(
      (ms) => this.#range.share(ms) * this.#axis.clientWidth,
    );
    this.#box.style.setProperty("--step", `${Math.max(0, second - first)}px`);
    this.#box.style.setProperty("--first", `${first}px`);
  }

  #tick(ms: number): HTMLElement {
    const tick = element("span", { class: "tick" }, formatDuration(ms));
    const share = this.#range.share(ms);
    tick.style.left = `${share * 100}%`;
    if (share > LAST_TEXT) tick.textContent = "";
    return tick;
  }

  #fill(target: HTMLElement, at: number): void {
    const index = this.#visible[at] ?? -1;
    const row = this.#tree[index];
    if (row === undefined || this.#trace === undefined) return;
    const { spanId } = row.span;
    fillSpanRow(target, {
      row,
      index,
      traceStartMs: this.#trace.startTimeMs,
      range: this.#range,
      events: this.#events.get(spanId) ?? [],
      folded: this.#folded.has(spanId),
      chosen: spanId === this.#chosenId,
      aside: this.#fits?.(row.span) === false,
    });
  }
}
