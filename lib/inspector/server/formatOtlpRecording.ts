import type { TraceStore } from "./TraceStore.js";
import { formatOtlpTraces } from "./formatOtlpTraces.js";

/** The spans that are held as one OTLP/JSON request, piece by piece: what other viewers and the Collector read. Events are no part of it. */
export function* formatOtlpRecording(store: TraceStore, traceId?: string): Generator<string> {
  let before = '{"resourceSpans":[';
  for (const { traceId: id } of store.changesSince(0).traces) {
    if (traceId !== undefined && id !== traceId) continue;
    for (const group of formatOtlpTraces(store.spans(id)).resourceSpans) {
      yield before + JSON.stringify(group);
      before = ",\n";
    }
  }
  yield before.startsWith("{") ? `${before}]}\n` : "]}\n";
}
