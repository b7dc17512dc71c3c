/** A trace must be kept whole if it has an error or contains a session start. */
const SESSION_START = /^land:[^:]+:session:start$/;
const OLD_ERROR = /:error$/;

const keyOf = ({ traceId, spanId }) => `${traceId}/${spanId}`;

/** Whether a gateway must keep a span regardless of sampling. */
export function mustStay({ name, error }) {
  return error || SESSION_START.test(name) || OLD_ERROR.test(name);
}

/**
 * Compares what went in with what came out. `made` is a list of `{ traceId, spanId, name, error }`, `arrived` a Map of
 * the same by `traceId/spanId`, with how many `times` each arrived. `changed` are those with another name or status.
 */
export function compareSpans(made, arrived) {
  const wanted = new Map(made.map((span) => [keyOf(span), span]));
  const came = [...arrived.values()];
  return {
    made: wanted.size,
    arrived: arrived.size,
    missing: [...wanted.values()].filter((span) => !arrived.has(keyOf(span))),
    foreign: came.filter((span) => !wanted.has(keyOf(span))),
    changed: came.filter((span) => {
      const before = wanted.get(keyOf(span));
      return before !== undefined && (before.name !== span.name || before.error !== span.error);
    }),
    repeated: came.reduce((sum, { times }) => sum + times - 1, 0),
  };
}

/**
 * What sampling did. `lost` are the spans that had to be kept and were not, `torn` the traces that arrived only in
 * part; `share` is the kept fraction of the traces that did not have to be kept.
 */
export function compareSampled(made, arrived) {
  const { foreign, changed } = compareSpans(made, arrived);
  const traces = groupByTrace(made);
  const ordinary = [];
  const torn = [];
  for (const [traceId, spans] of traces) {
    const kept = spans.filter((span) => arrived.has(keyOf(span))).length;
    if (kept > 0 && kept < spans.length) torn.push(traceId);
    if (!spans.some(mustStay)) ordinary.push(kept > 0);
  }
  return {
    traces: traces.size,
    mustStay: made.filter(mustStay).length,
    lost: made.filter((span) => mustStay(span) && !arrived.has(keyOf(span))),
    torn,
    ordinary: ordinary.length,
    share: ordinary.length === 0 ? undefined : ordinary.filter(Boolean).length / ordinary.length,
    foreign,
    changed,
  };
}

function groupByTrace(spans) {
  const traces = new Map();
  for (const span of spans) {
    if (!traces.has(span.traceId)) traces.set(span.traceId, []);
    traces.get(span.traceId).push(span);
  }
  return traces;
}
