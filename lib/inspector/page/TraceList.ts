import type { TraceSummary } from "../server/ReceivedTrace.js";
import { byId, element, fill, setAttribute, spoken } from "./element.js";
import { formatCount, formatDuration, formatTime, shortId } from "./format.js";
import { moveChoice } from "./moveChoice.js";
import { tierDot } from "./tierColour.js";
import { VirtualRows } from "./VirtualRows.js";

/** In CSS pixels, as in the style sheet. */
const ROW_HEIGHT = 62;
const NO_SESSION = "no session";

type Item =
  | { readonly session: string; readonly traces: readonly TraceSummary[] }
  | { readonly trace: TraceSummary };

/** The traces, the newest session first and in it the newest trace. */
export class TraceList {
  readonly #box = byId("trace-list");
  readonly #empty = byId("no-traces");
  readonly #onChoose: (traceId: string) => void;
  readonly #rows: VirtualRows;
  #items: readonly Item[] = [];
  #chosenId = "";

  constructor(onChoose: (traceId: string) => void) {
    this.#onChoose = onChoose;
    this.#rows = new VirtualRows(this.#box, element("div", { role: "presentation" }), {
      height: ROW_HEIGHT,
      create: () => element("div"),
      fill: (row, index) => this.#fill(row, index),
    });
    this.#box.addEventListener("click", ({ target }) => {
      const index = Number(
        (target as Element).closest<HTMLElement>("[data-index]")?.dataset["index"],
      );
      this.#chooseItem(index);
    });
    this.#box.addEventListener("keydown", (event) => {
      if (this.#move(event.key)) event.preventDefault();
    });
  }

  show(traces: readonly TraceSummary[], held: number): void {
    this.#items = bySession(traces);
    this.#empty.hidden = traces.length > 0;
    this.#empty.textContent =
      held === 0
        ? "Waiting for the first trace. Point a tier’s Pipe and Beam here."
        : "No trace fits the filters.";
    this.#rows.show(this.#items.length);
    this.#point();
  }

  choose(traceId: string): void {
    this.#chosenId = traceId;
    const index = this.#chosenIndex;
    if (index < 0) this.#rows.refresh();
    else this.#rows.reveal(index);
    this.#point();
  }

  get #chosenIndex(): number {
    return this.#items.findIndex(
      (item) => "trace" in item && item.trace.traceId === this.#chosenId,
    );
  }

  /** The keys know only traces: headings of sessions are passed over. */
  #move(key: string): boolean {
    const indices = this.#items.flatMap((item, index) => ("trace" in item ? [index] : []));
    return moveChoice(key, {
      count: indices.length,
      page: this.#rows.page,
      chosen: indices.indexOf(this.#chosenIndex),
      choose: (at) => this.#chooseItem(indices[at] ?? -1),
    });
  }

  #chooseItem(index: number): void {
    const item = this.#items[index];
    if (item === undefined || !("trace" in item)) return;
    this.choose(item.trace.traceId);
    this.#onChoose(item.trace.traceId);
  }

  #point(): void {
    const index = this.#chosenIndex;
    const drawn = index >= 0 && document.getElementById(`trace-${index}`) !== null;
    setAttribute(this.#box, "aria-activedescendant", drawn ? `trace-${index}` : undefined);
  }

  #fill(row: HTMLElement, index: number): void {
    const item = this.#items[index];
    row.id = `trace-${index}`;
    if (item === undefined) return;
    const isTrace = "trace" in item;
    row.className = isTrace ? "trace-item" : "session-item";
    setAttribute(row, "role", isTrace ? "option" : "presentation");
    setAttribute(row, "data-index", isTrace ? index : undefined);
    setAttribute(
      row,
      "aria-selected",
      isTrace ? String(item.trace.traceId === this.#chosenId) : undefined,
    );
    if (isTrace) fill(row, ...traceParts(item.trace));
    else fill(row, ...sessionParts(item.session, item.traces));
  }
}

function sessionParts(session: string, traces: readonly TraceSummary[]): readonly HTMLElement[] {
  const tiers = [...new Set(traces.flatMap((trace) => trace.tiers))];
  const name = session === NO_SESSION ? "No session" : `Session ${shortId(session)}`;
  return [
    element(
      "div",
      { class: "line" },
      element("span", { class: "session-name grow" }, name),
      element("span", { class: "dots" }, ...tiers.map(tierDot)),
    ),
    element(
      "div",
      { class: "line muted" },
      element(
        "span",
        { class: "grow" },
        `${formatCount(traces.length, "trace")} · ${formatCount(tiers.length, "tier")}`,
      ),
    ),
  ];
}

function traceParts(trace: TraceSummary): readonly HTMLElement[] {
  const { name, tiers, errorCount, durationMs, spanCount, eventCount, startTimeMs, sessionIds } =
    trace;
  return [
    element(
      "div",
      { class: "line" },
      element("span", { class: "name" }, name === "" ? "(no name)" : name),
      element("span", { class: "number" }, formatDuration(durationMs)),
    ),
    element(
      "div",
      { class: "line muted" },
      element("span", { class: "dots" }, ...tiers.map(tierDot)),
      element("span", {}, formatCount(spanCount, "span")),
      element(
        "span",
        { class: "grow" },
        errorCount > 0
          ? element("span", { class: "badge" }, formatCount(errorCount, "error"))
          : undefined,
      ),
      element("span", {}, formatTime(startTimeMs).slice(0, 8)),
      spoken(
        `${formatCount(eventCount, "event")}, tiers ${tiers.join(", ")}, ${sessionIds[0] === undefined ? NO_SESSION : `session ${shortId(sessionIds[0])}`}`,
      ),
    ),
  ];
}

function bySession(traces: readonly TraceSummary[]): readonly Item[] {
  const sessions = new Map<string, TraceSummary[]>();
  for (const trace of traces) {
    const session = trace.sessionIds[0] ?? NO_SESSION;
    const list = sessions.get(session);
    if (list === undefined) sessions.set(session, [trace]);
    else list.push(trace);
  }
  return [...sessions].flatMap(([session, list]): readonly Item[] => [
    { session, traces: list },
    ...list.map((trace) => ({ trace })),
  ]);
}
