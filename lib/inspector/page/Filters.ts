import type { SpanRow } from "../server/TraceRows.js";
import type { TraceSummary } from "../server/ReceivedTrace.js";
import type { SearchResult } from "../server/searchTraces.js";
import { api } from "./api.js";
import { byId, element, fill } from "./element.js";
import { tierDot } from "./tierColour.js";

const ERROR_STATUS = 2;
/** Typing pauses for this long before it is searched for, in ms. */
const SEARCH_AFTER_MS = 150;

/** What is looked for: text, tiers, errors, duration. */
export class Filters {
  readonly #search = byId<HTMLInputElement>("search");
  readonly #errors = byId<HTMLButtonElement>("errors-only");
  readonly #duration = byId<HTMLSelectElement>("min-duration");
  readonly #chips = byId("tier-chips");
  readonly #tiers = new Set<string>();
  readonly #onChange: () => void;
  #known = "";
  #found: SearchResult | undefined;
  #timer = 0;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
    this.#search.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => void this.search(), SEARCH_AFTER_MS);
    });
    this.#errors.addEventListener("click", () => {
      this.#errors.setAttribute("aria-pressed", String(!this.#errorsOnly));
      onChange();
    });
    this.#duration.addEventListener("change", onChange);
  }

  /** Searches again, because the text or what is held has changed. */
  async search(): Promise<void> {
    const text = this.#search.value.trim();
    const found = text === "" ? undefined : await api.search(text).catch(() => ({}));
    if (text !== this.#search.value.trim()) return;
    this.#found = found;
    this.#onChange();
  }

  get isSearching(): boolean {
    return this.#search.value.trim() !== "";
  }

  focus(): void {
    this.#search.focus();
    this.#search.select();
  }

  /** Offers these tiers to choose from. */
  offer(tiers: readonly string[]): void {
    const known = tiers.join("\n");
    if (known === this.#known) return;
    this.#known = known;
    fill(this.#chips, ...tiers.map((tier) => this.#chip(tier)));
  }

  fitsTrace({ traceId, tiers, errorCount, durationMs }: TraceSummary): boolean {
    if (this.#found !== undefined && !(traceId in this.#found)) return false;
    if (this.#tiers.size > 0 && !tiers.some((tier) => this.#tiers.has(tier))) return false;
    return (!this.#errorsOnly || errorCount > 0) && durationMs >= this.#minMs;
  }

  /** Tells which spans of a trace fit; undefined when all do. */
  spansOf(traceId: string): ((span: SpanRow) => boolean) | undefined {
    const found = this.#found === undefined ? undefined : new Set(this.#found[traceId] ?? []);
    if (found === undefined && this.#tiers.size === 0 && !this.#errorsOnly && this.#minMs === 0)
      return undefined;
    return ({ spanId, tier, statusCode, durationMs }) =>
      (found?.has(spanId) ?? true) &&
      (this.#tiers.size === 0 || this.#tiers.has(tier)) &&
      (!this.#errorsOnly || statusCode === ERROR_STATUS) &&
      durationMs >= this.#minMs;
  }

  get #errorsOnly(): boolean {
    return this.#errors.getAttribute("aria-pressed") === "true";
  }

  get #minMs(): number {
    return Number(this.#duration.value);
  }

  #chip(tier: string): HTMLElement {
    const chip = element(
      "button",
      { type: "button", class: "chip", "aria-pressed": String(this.#tiers.has(tier)) },
      tierDot(tier),
      tier,
    );
    chip.addEventListener("click", () => {
      if (!this.#tiers.delete(tier)) this.#tiers.add(tier);
      chip.setAttribute("aria-pressed", String(this.#tiers.has(tier)));
      this.#onChange();
    });
    return chip;
  }
}
