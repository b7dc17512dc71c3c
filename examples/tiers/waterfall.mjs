const COLOURS = { mountain: 33, cocoon: 36, air: 35, sky: 34 };
const ERROR_STATUS = 2;
const MIN_BAR = 20;
const DEFAULT_WIDTH = 120;

/** A trace as lines of text: one line per span, below its parent, with a bar for its time. */
export function waterfall(trace, { colour = false, width = DEFAULT_WIDTH } = {}) {
  const rows = inOrder(trace);
  const label = Math.max(...rows.map(({ span, depth }) => depth + shown(span.name).length)) + 1;
  const room = Math.max(MIN_BAR, width - label - 24);
  return rows.map(({ span, depth }) => {
    const failed = span.statusCode === ERROR_STATUS;
    const paint = (code, text) =>
      colour && code !== undefined ? `\u001b[${code}m${text}\u001b[0m` : text;
    const start = Math.floor(((span.startTimeMs - trace.startTimeMs) / trace.durationMs) * room);
    const length = Math.max(1, Math.round((span.durationMs / trace.durationMs) * room));
    const bar =
      " ".repeat(Math.min(start, room - 1)) +
      (failed ? "▒" : "█").repeat(Math.min(length, room - Math.min(start, room - 1)));
    const name = (" ".repeat(depth) + shown(span.name)).padEnd(label);
    return `${paint(COLOURS[span.tier], span.tier.padEnd(8))} ${name} ${span.durationMs.toFixed(1).padStart(8)} ms ${failed ? paint(31, "✗") : " "} ${paint(failed ? 31 : COLOURS[span.tier], bar)}`;
  });
}

/** Depth first, siblings by their start; a span whose parent did not arrive is at the top level. */
function inOrder({ spans }) {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const below = new Map();
  for (const span of spans) {
    const parent = ids.has(span.parentSpanId) ? span.parentSpanId : undefined;
    below.set(parent, [...(below.get(parent) ?? []), span]);
  }
  const rows = [];
  const visit = (parent, depth) => {
    for (const span of below.get(parent) ?? []) {
      rows.push({ span, depth });
      visit(span.spanId, depth + 1);
    }
  };
  visit(undefined, 0);
  return rows;
}

/** Names come from other processes: control characters in them must not reach the terminal. */
function shown(name) {
  return name.replace(/\p{Cc}/gu, "·").slice(0, 60);
}
