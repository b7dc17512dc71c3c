import { asArray, asHexId, asNumber, asObject, asText, member } from "./jsonMembers.js";
import { HttpProblem } from "./http.js";
import type { OtlpProtobuf } from "./OtlpProtobuf.js";
import { parseJson } from "./parseJson.js";
import { findTier, parseAnyValue, parseAttributes } from "./receiveTraces.js";
import type { ReceivedLog } from "./ReceivedTrace.js";
import type { TraceStore } from "./TraceStore.js";

const NANOS_PER_MS = 1e6;

/** Receives an ExportLogsServiceRequest in JSON or with `protobuf`; answers like a collector, in the same encoding. */
export function receiveLogs(
  body: Buffer,
  store: TraceStore,
  protobuf: OtlpProtobuf | undefined,
): { readonly parsed: unknown; readonly answer: unknown } {
  const parsed = protobuf === undefined ? parseJson(body) : protobuf.decodeRequest(body, "logs");
  const resourceLogs = asObject(parsed) && (member(parsed, "resourceLogs") ?? []);
  if (!Array.isArray(resourceLogs))
    throw new HttpProblem(400, "OTLP/JSON is an object with an array `resourceLogs`.");
  const logs = (resourceLogs as unknown[]).flatMap((group) => {
    const resource = parseAttributes(member(group, "resource", "attributes"));
    return asArray(member(group, "scopeLogs")).flatMap((scoped) => {
      const tier = findTier(resource, asText(member(scoped, "scope", "name")));
      return asArray(member(scoped, "logRecords")).map((record) =>
        parseLog(record, { tier, resource }),
      );
    });
  });
  store.addLogs(logs, body.length);
  return { parsed, answer: protobuf === undefined ? {} : new Uint8Array() };
}

/** A record without a time gets the time when it was observed (opentelemetry-proto, logs.proto). */
function parseLog(record: unknown, of: Pick<ReceivedLog, "tier" | "resource">): ReceivedLog {
  const number = asNumber(member(record, "severityNumber"));
  const nanos =
    Number(member(record, "timeUnixNano") ?? 0) || Number(member(record, "observedTimeUnixNano"));
  return {
    ...of,
    traceId: asHexId(member(record, "traceId"), 32),
    spanId: asHexId(member(record, "spanId"), 16),
    timeMs: (nanos || 0) / NANOS_PER_MS,
    severity: asText(member(record, "severityText")) || (number ? `severity ${number}` : ""),
    body: parseAnyValue(member(record, "body")),
    attributes: parseAttributes(member(record, "attributes")),
  };
}
