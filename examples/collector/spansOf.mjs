const ERROR_STATUS = 2;

/** The spans of an OTLP/JSON body, reduced to what is compared. */
export function spansOf({ resourceSpans = [] }) {
  const spans = resourceSpans
    .flatMap(({ scopeSpans = [] }) => scopeSpans)
    .flatMap((scope) => scope.spans ?? []);
  return spans.map(({ traceId, spanId, name, status }) => ({
    traceId,
    spanId,
    name,
    error: status?.code === ERROR_STATUS,
  }));
}
