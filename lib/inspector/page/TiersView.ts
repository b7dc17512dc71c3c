import type { HandlerLatency, Overview, TierOverview } from "../server/overview.js";
import { byId, element, fill } from "./element.js";
import { formatDuration, formatTime } from "./format.js";
import { tierColour, tierDot } from "./tierColour.js";

/** Handlers in the plot. */
const MAX_HANDLERS = 24;

/** The dashboards in small: starts, errors, handler latencies and trace coverage by tier. Tables, with plots in their cells. */
export function showTiers({ tiers, handlers }: Overview): void {
  const most = (count: (tier: TierOverview) => number): number => Math.max(1, ...tiers.map(count));
  const mostStarts = most(({ starts }) => starts.length);
  const mostErrors = most(({ errors }) => errors.length);
  fill(
    byId("tier-plots"),
    card(
      "Session starts by tier",
      "",
      table(
        ["Tier", "", "Starts"],
        tiers.map((each) =>
          row(
            each.tier,
            bar(each.starts.length / mostStarts, tierColour(each.tier)),
            String(each.starts.length),
          ),
        ),
      ),
    ),
    card(
      "Errors by tier",
      "",
      table(
        ["Tier", "", "Errors"],
        tiers.map((each) =>
          row(
            each.tier,
            bar(each.errors.length / mostErrors, "var(--failed)"),
            String(each.errors.length),
          ),
        ),
      ),
    ),
    card(
      "Trace coverage",
      "Events that name the trace they happened in",
      table(
        ["Tier", "", "Covered"],
        tiers.map((each) =>
          row(
            each.tier,
            bar(each.events === 0 ? 0 : each.tracedEvents / each.events, tierColour(each.tier)),
            each.events === 0 ? "–" : `${Math.round((100 * each.tracedEvents) / each.events)} %`,
          ),
        ),
      ),
    ),
    momentsCard(tiers),
    latencyCard(handlers.slice(0, MAX_HANDLERS)),
  );
  byId("no-tiers").hidden = tiers.length > 0;
}

function card(title: string, note: string, content: HTMLElement, wide = false): HTMLElement {
  return element(
    "section",
    { class: wide ? "card wide" : "card" },
    element("h2", {}, title),
    note === "" ? undefined : element("p", { class: "muted" }, note),
    content,
  );
}

function table(heads: readonly string[], rows: readonly HTMLElement[]): HTMLElement {
  const head = element(
    "tr",
    {},
    ...heads.map((text) =>
      text === "" ? element("td", {}) : element("th", { scope: "col" }, text),
    ),
  );
  return element(
    "table",
    { class: "plot" },
    element("thead", {}, head),
    element("tbody", {}, ...rows),
  );
}

function row(tier: string, plot: HTMLElement, ...numbers: readonly string[]): HTMLElement {
  const cells = numbers.map((number) => element("td", { class: "number" }, number));
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, tierDot(tier), tier),
    element("td", { class: "plot-cell" }, plot),
    ...cells,
  );
}

function bar(share: number, colour: string): HTMLElement {
  const filled = element("span", { class: "plot-bar" });
  filled.style.width = `${share * 100}%`;
  filled.style.background = colour;
  return element("span", { class: "plot-track", "aria-hidden": "true" }, filled);
}

/** When starts and errors happened, on one axis for all tiers. */
function momentsCard(tiers: readonly TierOverview[]): HTMLElement {
  const times = tiers
    .flatMap(({ starts, errors }) => [...starts, ...errors])
    .filter(Number.isFinite);
  const from = times.reduce((least, time) => Math.min(least, time), Infinity);
  const to = times.reduce((most, time) => Math.max(most, time), -Infinity);
  const place = (time: number): string => `${2 + 96 * ((time - from) / Math.max(1, to - from))}%`;
  const mark = (time: number, kind: string): HTMLElement => {
    const made = element("span", {
      class: `moment ${kind}`,
      title: `${kind} at ${formatTime(time)}`,
    });
    made.style.left = place(time);
    return made;
  };
  const rows = tiers.map(({ tier, starts, errors }) => {
    const line = element(
      "span",
      { class: "plot-track moments", "aria-hidden": "true" },
      ...starts.map((time) => mark(time, "start")),
      ...errors.map((time) => mark(time, "error")),
    );
    line.style.color = tierColour(tier);
    return row(tier, line, String(starts.length), String(errors.length));
  });
  const note =
    times.length === 0
      ? "No start or error was received."
      : `● start, ✗ error, from ${formatTime(from)} to ${formatTime(to)}`;
  return card(
    "Starts and errors over time",
    note,
    table(["Tier", "", "Starts", "Errors"], rows),
    true,
  );
}

/** From the fastest to the slowest call on a logarithmic axis, the middle half and more in bold. */
function latencyCard(handlers: readonly HandlerLatency[]): HTMLElement {
  const least = Math.max(
    0.001,
    handlers.reduce((value, { minMs }) => Math.min(value, minMs), Infinity),
  );
  const most = Math.max(
    least * 10,
    handlers.reduce((value, { maxMs }) => Math.max(value, maxMs), 0),
  );
  const place = (ms: number): number =>
    (98 * Math.log(Math.max(ms, least) / least)) / Math.log(most / least);
  const rows = handlers.map(({ tier, name, count, errors, minMs, p50Ms, p95Ms, maxMs }) => {
    const whole = element("span", { class: "range" });
    whole.style.left = `${place(minMs)}%`;
    whole.style.width = `${place(maxMs) - place(minMs)}%`;
    const upTo95 = element("span", { class: "box" });
    upTo95.style.left = `${place(p50Ms)}%`;
    upTo95.style.width = `${Math.max(0.8, place(p95Ms) - place(p50Ms))}%`;
    const plot = element(
      "span",
      { class: "plot-track latency", "aria-hidden": "true" },
      whole,
      upTo95,
    );
    plot.style.color = tierColour(tier);
    const cells = [
      String(count),
      String(errors),
      formatDuration(p50Ms),
      formatDuration(p95Ms),
      formatDuration(maxMs),
    ].map((text) => element("td", { class: "number" }, text));
    return element(
      "tr",
      {},
      element(
        "th",
        { scope: "row", class: "method" },
        tierDot(tier),
        element("span", { class: "spoken" }, `${tier} `),
        name,
      ),
      element("td", { class: "plot-cell" }, plot),
      ...cells,
    );
  });
  const note =
    handlers.length === 0
      ? "No handler was called."
      : `Thin from fastest to slowest, bold from median to 95th percentile; ${formatDuration(least)} to ${formatDuration(most)}, logarithmic`;
  return card(
    "Handler latency",
    note,
    table(["Handler", "", "Calls", "Errors", "p50", "p95", "Max"], rows),
    true,
  );
}
