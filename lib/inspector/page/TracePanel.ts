import type { TraceRows } from "../server/TraceRows.js";
import { api } from "./api.js";
import { byId, element, fill } from "./element.js";
import type { Filters } from "./Filters.js";
import { formatCount, formatDuration, formatTime } from "./format.js";
import { postHogEvent, spanDetails } from "./SpanDetails.js";
import { tierDot } from "./tierColour.js";
import { Waterfall } from "./Waterfall.js";

/** The chosen trace: its head, its waterfall, and the details of the chosen span. */
export class TracePanel {
  readonly waterfall: Waterfall;
  readonly #details = byId("details");
  readonly #filters: Filters;
  readonly #onSpan: (spanId: string) => void;
  #trace: TraceRows | undefined;
  #spanId = "";
  /** The trace that was asked for last: answers may come in another order. */
  #asked = "";

  constructor(filters: Filters, onSpan: (spanId: string) => void) {
    this.#filters = filters;
    this.#onSpan = onSpan;
    this.waterfall = new Waterfall((spanId) => void this.chooseSpan(spanId));
    this.#details.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") this.waterfall.focus();
    });
  }

  get traceId(): string {
    return this.#trace?.traceId ?? "";
  }

  /** Fetches and shows a trace; of one that is shown already, what has come since. */
  async open(traceId: string, spanId: string): Promise<void> {
    this.#asked = traceId;
    const trace = await api.rows(traceId).catch(() => undefined);
    if (traceId !== this.#asked) return;
    const other = traceId !== this.#trace?.traceId;
    this.#trace = trace;
    byId("trace").hidden = trace === undefined;
    byId("no-trace").hidden = trace !== undefined;
    if (trace === undefined) {
      fill(this.#details);
      return;
    }
    this.#head(trace);
    this.waterfall.show(trace, this.#filters.spansOf(traceId));
    if (other || spanId !== this.#spanId) await this.chooseSpan(spanId);
    else if (spanId === "") this.#summary(trace);
  }

  close(): void {
    this.#asked = "";
    this.#trace = undefined;
    byId("trace").hidden = true;
    byId("no-trace").hidden = false;
    fill(this.#details);
  }

  filter(): void {
    if (this.#trace !== undefined)
      this.waterfall.filter(this.#filters.spansOf(this.#trace.traceId));
  }

  /** Shows a span's details, or the summary of the trace for none. */
  async chooseSpan(spanId: string): Promise<void> {
    const trace = this.#trace;
    if (trace === undefined) return;
    this.#spanId = spanId;
    this.#onSpan(spanId);
    this.waterfall.choose(spanId);
    if (spanId === "") {
      this.#summary(trace);
      return;
    }
    const span = await api.span(trace.traceId, spanId).catch(() => undefined);
    if (spanId !== this.#spanId || trace.traceId !== this.traceId) return;
    if (span === undefined) this.#summary(trace);
    else
      fill(
        this.#details,
        ...spanDetails(
          span,
          trace.startTimeMs,
          trace.events.filter((event) => event.spanId === spanId),
        ),
      );
    this.#details.scrollTop = 0;
  }

  focusDetails(): void {
    this.#details.focus();
  }

  #head({
    traceId,
    name,
    tiers,
    spanCount,
    eventCount,
    errorCount,
    startTimeMs,
    durationMs,
    sessionIds,
  }: TraceRows): void {
    byId("trace-name").textContent = name === "" ? "(no name)" : name;
    fill(
      byId("trace-facts"),
      ...[
        formatDuration(durationMs),
        formatCount(spanCount, "span"),
        formatCount(eventCount, "event"),
        formatTime(startTimeMs),
      ].map((text) => element("span", {}, text)),
      errorCount > 0
        ? element("span", { class: "failed-text" }, formatCount(errorCount, "error"))
        : undefined,
      element("span", { class: "id" }, traceId),
      sessionIds[0] === undefined
        ? undefined
        : element("span", { class: "id" }, `session ${sessionIds[0]}`),
    );
    fill(byId("trace-tiers"), ...tiers.map((tier) => element("li", {}, tierDot(tier), tier)));
    // The receiver names the files.
    byId<HTMLAnchorElement>("save-trace").href = `/api/recording?trace=${traceId}`;
    byId<HTMLAnchorElement>("save-trace-otlp").href = `/api/recording?trace=${traceId}&format=otlp`;
  }

  /** Beside the waterfall while no span is chosen: the events, first those that no span has. */
  #summary(trace: TraceRows): void {
    const known = new Set(trace.rows.map(({ spanId }) => spanId));
    const stray = trace.events.filter(({ spanId }) => spanId === undefined || !known.has(spanId));
    const pinned = trace.events.filter((event) => !stray.includes(event));
    fill(
      this.#details,
      element("h2", { class: "details-name", tabindex: -1 }, "Events of this trace"),
      element(
        "p",
        { class: "muted" },
        "Choose a span to see its attributes. Events are pinned to their spans as diamonds.",
      ),
      ...(stray.length === 0
        ? []
        : [
            element("h3", {}, "Without a span"),
            ...stray.map((event) => postHogEvent(event, false)),
          ]),
      ...(pinned.length === 0
        ? []
        : [
            element("h3", {}, "Pinned to a span"),
            ...pinned.map((event) => postHogEvent(event, false)),
          ]),
    );
  }
}
