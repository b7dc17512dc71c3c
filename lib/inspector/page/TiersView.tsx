import type { ComponentChildren } from "preact";
import type { HandlerLatency, TierOverview } from "../server/overview.js";
import { formatDuration, formatTime } from "./format.js";
import { TierDot, tierColour } from "./TierDot.js";
import type { Page } from "./usePage.js";

/** A small version of the dashboards, as tables with plots: starts, errors, handler latencies and coverage by tier. */
export function TiersView({ held: { overview } }: Page) {
  if (overview === undefined) return null;
  const { tiers, handlers } = overview;
  const counts = (kind: "starts" | "errors", colourOf: (tier: string) => string) => {
    const most = Math.max(1, ...tiers.map((each) => each[kind]));
    return tiers.map((each) => row(each, bar(each[kind] / most, colourOf(each.tier)), each[kind]));
  };
  const starts = counts("starts", tierColour);
  const errors = counts("errors", () => "var(--failed)");
  const coverage = tiers.map((each) => {
    const share = each.tracedEvents / each.events;
    const text = each.events === 0 ? "–" : `${Math.round(100 * share)} %`;
    return row(each, bar(share || 0, tierColour(each.tier)), text);
  });
  const traced = "Events that name the trace they happened in";
  return (
    <>
      <p class="empty" hidden={tiers.length > 0}>
        Nothing was received yet.
      </p>
      <div class="cards">
        {card("Session starts by tier", "", ["Tier", "", "Starts"], starts)}
        {card("Errors by tier", "", ["Tier", "", "Errors"], errors)}
        {card("Trace coverage", traced, ["Tier", "", "Covered"], coverage)}
        {momentsCard(tiers)}
        {latencyCard(handlers)}
      </div>
    </>
  );
}

function card(title: string, note: string, heads: readonly string[], rows: ComponentChildren) {
  return (
    <section class={heads.length > 3 ? "card wide" : "card"}>
      <h2>{title}</h2>
      <p class="muted">{note}</p>
      <table class="plot">
        <thead>
          <tr>{heads.map((text) => (text === "" ? <td /> : <th scope="col">{text}</th>))}</tr>
        </thead>
        <tbody>{rows}</tbody>
      </table>
    </section>
  );
}

/** A table row for a tier, or for something named within the tier. */
function row(
  { tier, name }: { readonly tier: string; readonly name?: string },
  plot: ComponentChildren,
  ...numbers: readonly (string | number)[]
) {
  return (
    <tr>
      <th scope="row" class={name === undefined ? "" : "method"}>
        <TierDot tier={tier} />
        <span class={name === undefined ? "" : "spoken"}>{tier} </span>
        {name}
      </th>
      <td class="plot-cell">{plot}</td>
      {numbers.map((number) => (
        <td class="number">{number}</td>
      ))}
    </tr>
  );
}

function bar(share: number, colour: string) {
  return (
    <span class="plot-track" aria-hidden="true">
      <span class="plot-bar" style={{ width: `${share * 100}%`, background: colour }} />
    </span>
  );
}

/** When starts and errors happened, on the same axis for all tiers. */
function momentsCard(tiers: readonly TierOverview[]) {
  const times = tiers.flatMap(({ startTimes, errorTimes }) => [...startTimes, ...errorTimes]);
  const from = times.reduce((least, time) => Math.min(least, time), Infinity);
  const to = times.reduce((most, time) => Math.max(most, time), -Infinity);
  const mark = (kind: string, time: number) => {
    const left = `${2 + 96 * ((time - from) / Math.max(1, to - from))}%`;
    const title = `${kind} at ${formatTime(time)}`;
    return <span class={`moment ${kind}`} title={title} style={{ left }} />;
  };
  const note =
    times.length === 0
      ? "No start or error was received."
      : `● start, ✗ error, from ${formatTime(from)} to ${formatTime(to)}`;
  const rows = tiers.map((each) => {
    const plot = (
      <span class="plot-track" aria-hidden="true" style={{ color: tierColour(each.tier) }}>
        {each.startTimes.map((time) => mark("start", time))}
        {each.errorTimes.map((time) => mark("error", time))}
      </span>
    );
    return row(each, plot, each.starts, each.errors);
  });
  return card("Starts and errors over time", note, ["Tier", "", "Starts", "Errors"], rows);
}

/** From the fastest to the slowest call on a logarithmic axis, with the median to the 95th percentile in bold. */
function latencyCard(handlers: readonly HandlerLatency[]) {
  const least = Math.max(0.001, Math.min(...handlers.map(({ minMs }) => minMs)));
  const most = Math.max(least * 10, ...handlers.map(({ maxMs }) => maxMs));
  const place = (ms: number): number =>
    (98 * Math.log(Math.max(ms, least) / least)) / Math.log(most / least);
  const part = (kind: string, from: number, to: number) => {
    const style = { left: `${place(from)}%`, width: `${place(to) - place(from)}%` };
    return <span class={kind} style={style} />;
  };
  const note =
    handlers.length === 0
      ? "No handler was called."
      : `Thin from fastest to slowest, bold from median to 95th percentile; ${formatDuration(least)} to ${formatDuration(most)}, logarithmic`;
  const rows = handlers.map((each) => {
    const plot = (
      <span class="plot-track latency" aria-hidden="true" style={{ color: tierColour(each.tier) }}>
        {part("range", each.minMs, each.maxMs)}
        {part("box", each.p50Ms, each.p95Ms)}
      </span>
    );
    const durations = [each.p50Ms, each.p95Ms, each.maxMs].map(formatDuration);
    return row(each, plot, each.count, each.errors, ...durations);
  });
  const heads = ["Handler", "", "Calls", "Errors", "p50", "p95", "Max"];
  return card("Handler latency", note, heads, rows);
}
