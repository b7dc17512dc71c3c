import type { IncomingMessage } from "node:http";
import { HttpProblem } from "./HttpProblem.js";
import type { TraceStore } from "./TraceStore.js";
import { parseJson } from "./parseJson.js";
import { parseOtlpTraces } from "./parseOtlpTraces.js";

const PROTOBUF = /^application\/(?:x-)?protobuf\b/i;
const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/** Refuses what is not OTLP/JSON, before its body is read, and names the setting that helps. */
export function checkTracesType(request: IncomingMessage): void {
  const type = request.headers["content-type"] ?? "";
  if (JSON_TYPE.test(type)) return;
  const advice = PROTOBUF.test(type)
    ? "OTLP in protobuf is not read here; set OTEL_EXPORTER_OTLP_PROTOCOL=http/json in the sender."
    : "OTLP is read as JSON here; send Content-Type: application/json.";
  throw new HttpProblem(415, advice, { accept: "application/json" });
}

/** Takes in an OTLP/JSON body and answers as a collector does. */
export function receiveTraces(body: Buffer, store: TraceStore): { readonly parsed: unknown; readonly answer: unknown } {
  const parsed = parseJson(body);
  const { spans, rejected, reason } = parseOtlpTraces(parsed);
  store.countRejected(rejected);
  const unfit = store.addSpans(spans, body.length);
  const lost = rejected + unfit;
  if (lost === 0) return { parsed, answer: { partialSuccess: {} } };
  return { parsed, answer: { partialSuccess: { rejectedSpans: String(lost), errorMessage: reason || "The trace is larger than the receiver may hold." } } };
}
