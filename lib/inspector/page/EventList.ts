import type { ReceivedEvent } from "../server/ReceivedEvent.js";
import { byId, element, fill, setAttribute } from "./element.js";
import { formatTime } from "./format.js";
import { moveChoice } from "./moveChoice.js";
import { postHogEvent } from "./SpanDetails.js";
import { tierDot } from "./tierColour.js";
import { VirtualRows } from "./VirtualRows.js";

/** In CSS pixels, as in the style sheet. */
const ROW_HEIGHT = 32;

/** All events, the newest first, with the chosen one beside them. */
export class EventList {
  readonly #box = byId("event-list");
  readonly #details = byId("event-details");
  readonly #rows: VirtualRows;
  readonly #onTrace: (traceId: string, spanId: string) => void;
  #events: readonly ReceivedEvent[] = [];
  #chosen: ReceivedEvent | undefined;

  constructor(onTrace: (traceId: string, spanId: string) => void) {
    this.#onTrace = onTrace;
    this.#rows = new VirtualRows(this.#box, element("div", { role: "presentation" }), {
      height: ROW_HEIGHT,
      create: () => element("div", { role: "option", class: "event-row" }),
      fill: (row, index) => this.#fill(row, index),
    });
    this.#box.addEventListener("click", ({ target }) =>
      this.#choose(
        Number((target as Element).closest<HTMLElement>("[data-index]")?.dataset["index"] ?? -1),
      ),
    );
    this.#box.addEventListener("keydown", (event) => {
      const list = {
        count: this.#events.length,
        page: this.#rows.page,
        chosen: this.#index,
        choose: (index: number) => this.#choose(index),
      };
      if (moveChoice(event.key, list)) event.preventDefault();
    });
  }

  show(events: readonly ReceivedEvent[]): void {
    const before = this.#chosen;
    this.#events = events.toSorted((left, right) => timeOf(right) - timeOf(left));
    this.#chosen = this.#events.find(
      (event) => event.uuid === before?.uuid && event.event === before?.event,
    );
    byId("no-events").hidden = events.length > 0;
    this.#rows.show(events.length);
    if (this.#chosen === undefined) this.#choose(0);
  }

  get #index(): number {
    return this.#chosen === undefined ? -1 : this.#events.indexOf(this.#chosen);
  }

  #choose(index: number): void {
    const event = this.#events[index];
    this.#chosen = event;
    if (event === undefined) {
      fill(this.#details);
      return;
    }
    this.#rows.reveal(index);
    setAttribute(this.#box, "aria-activedescendant", `event-${index}`);
    fill(this.#details, this.#traceButton(event), postHogEvent(event, true));
  }

  #traceButton({ traceId, spanId }: ReceivedEvent): HTMLElement {
    if (traceId === undefined) return element("p", { class: "muted" }, "It belongs to no trace.");
    const button = element(
      "button",
      { type: "button" },
      spanId === undefined ? "Show its trace" : "Show its span",
    );
    button.addEventListener("click", () => this.#onTrace(traceId, spanId ?? ""));
    return button;
  }

  #fill(row: HTMLElement, index: number): void {
    const event = this.#events[index];
    if (event === undefined) return;
    const { tier = "unknown", traceId, spanId, properties } = event;
    const detail =
      properties["error_message"] ?? properties["feature"] ?? properties["entry"] ?? "";
    row.id = `event-${index}`;
    row.dataset["index"] = String(index);
    setAttribute(row, "aria-selected", String(event === this.#chosen));
    fill(
      row,
      element("span", { class: "muted number" }, formatTime(timeOf(event))),
      element("span", { class: "line" }, tierDot(tier), tier),
      element(
        "span",
        { class: event.event.endsWith(":error") ? "name failed-text" : "name" },
        event.event,
      ),
      element("span", { class: "name muted" }, typeof detail === "string" ? detail : ""),
      element(
        "span",
        { class: "muted" },
        traceId === undefined ? "no trace" : spanId === undefined ? "no span" : "pinned",
      ),
    );
  }
}

function timeOf({ timestamp }: ReceivedEvent): number {
  return Date.parse(timestamp ?? "") || 0;
}
