import type { IncomingMessage } from "node:http";
import { HttpProblem } from "./http.js";
import type { JsonObject } from "./jsonMembers.js";
import { asArray, asHexId, asNumber, asObject, asText, member } from "./jsonMembers.js";
import type { OtlpProtobuf } from "./OtlpProtobuf.js";
import { parseJson } from "./parseJson.js";
import type { ReceivedAttributes, ReceivedScope, ReceivedSpan } from "./ReceivedTrace.js";
import type { TraceStore } from "./TraceStore.js";

const PROTOBUF = /^application\/(?:x-)?protobuf\s*(?:;|$)/i;
const JSON_TYPE = /^application\/json\s*(?:;|$)/i;
const TRACE_ID_DIGITS = 32;
const SPAN_ID_DIGITS = 16;
const NANOS_PER_MS = 1_000_000n;
const NANOS_PER_MICRO = 1_000n;

/** The encoding of a request, from its headers; throws an HttpProblem that names the setting to change. */
export function otlpEncoding({ headers }: IncomingMessage): "json" | "protobuf" {
  const type = headers["content-type"] ?? "";
  if (JSON_TYPE.test(type)) return "json";
  if (PROTOBUF.test(type)) return "protobuf";
  const advice =
    "OTLP is read as JSON or protobuf here; set OTEL_EXPORTER_OTLP_PROTOCOL=http/json or http/protobuf in the sender.";
  throw new HttpProblem(415, advice, { accept: "application/json, application/x-protobuf" });
}

/** Receives an ExportTraceServiceRequest in JSON or with `protobuf`; answers like a collector, in the same encoding. */
export function receiveTraces(
  body: Buffer,
  store: TraceStore,
  protobuf: OtlpProtobuf | undefined,
): { readonly parsed: unknown; readonly answer: unknown } {
  const parsed = protobuf === undefined ? parseJson(body) : protobuf.decodeRequest(body, "traces");
  const { spans, rejected, reason } = parseRequest(parsed);
  const lost = store.addSpans(spans, body.length, rejected);
  const partialSuccess = {
    rejectedSpans: String(lost),
    errorMessage: reason || "The trace is larger than the receiver may hold.",
  };
  const answer = lost === 0 ? { partialSuccess: {} } : { partialSuccess };
  return { parsed, answer: protobuf?.encodeAnswer(answer) ?? answer };
}

/** Parses every span it can. The others are counted, with the reason for the first of them. */
function parseRequest(body: unknown) {
  const resourceSpans = asObject(body) && (member(body, "resourceSpans") ?? []);
  if (!Array.isArray(resourceSpans))
    throw new HttpProblem(400, "OTLP/JSON is an object with an array `resourceSpans`.");
  const spans: ReceivedSpan[] = [];
  let rejected = 0;
  let reason = "";
  for (const group of resourceSpans as unknown[]) {
    const resource = parseAttributes(member(group, "resource", "attributes"));
    for (const scoped of asArray(member(group, "scopeSpans"))) {
      const name = asText(member(scoped, "scope", "name"));
      const version = asText(member(scoped, "scope", "version"));
      for (const span of asArray(member(scoped, "spans"))) {
        try {
          spans.push(parseSpan(asObject(span) ?? {}, resource, { name, version }));
        } catch (error) {
          rejected++;
          reason ||= (error as Error).message;
        }
      }
    }
  }
  return { spans, rejected, reason };
}

function parseSpan(
  span: JsonObject,
  resource: ReceivedAttributes,
  scope: ReceivedScope,
): ReceivedSpan {
  const traceId = asHexId(span["traceId"], TRACE_ID_DIGITS);
  const spanId = asHexId(span["spanId"], SPAN_ID_DIGITS);
  if (traceId === undefined || spanId === undefined)
    throw new Error("A span has no usable traceId and spanId.");
  const start = parseNanos(span["startTimeUnixNano"]);
  const end = parseNanos(span["endTimeUnixNano"]);
  return {
    traceId,
    spanId,
    parentSpanId: asHexId(span["parentSpanId"], SPAN_ID_DIGITS),
    name: asText(span["name"]),
    kind: asNumber(span["kind"]) ?? 0,
    tier: findTier(resource, scope.name),
    startTimeUnixNano: start.toString(),
    endTimeUnixNano: end.toString(),
    startTimeMs: toMs(start),
    durationMs: toMs(end - start),
    statusCode: asNumber(member(span, "status", "code")) ?? 0,
    statusMessage: asText(member(span, "status", "message")),
    attributes: parseAttributes(span["attributes"]),
    events: asArray(span["events"]).map((event) => ({
      name: asText(member(event, "name")),
      timeUnixNano: parseNanos(member(event, "timeUnixNano")).toString(),
      attributes: parseAttributes(member(event, "attributes")),
    })),
    links: asArray(span["links"]).map((link) => ({
      traceId: asHexId(member(link, "traceId"), TRACE_ID_DIGITS) ?? "",
      spanId: asHexId(member(link, "spanId"), SPAN_ID_DIGITS) ?? "",
      attributes: parseAttributes(member(link, "attributes")),
    })),
    flags: asNumber(span["flags"]),
    traceState: asText(span["traceState"]),
    resource,
    scope,
  };
}

/**
 * Converts OTLP's list of keys and typed values to a plain record. `Object.fromEntries` defines members and never calls
 * a setter, so a key such as `__proto__` is harmless.
 */
export function parseAttributes(list: unknown): ReceivedAttributes {
  return Object.fromEntries(
    asArray(list).map((item) => [
      asText(member(item, "key")),
      parseAnyValue(member(item, "value")),
    ]),
  );
}

/** Unwraps an AnyValue (opentelemetry-proto, common.proto). An integer too large for a double stays a string. */
export function parseAnyValue(value: unknown): unknown {
  const any = asObject(value) ?? {};
  for (const plain of ["stringValue", "boolValue", "doubleValue", "bytesValue"])
    if (plain in any) return any[plain];
  if ("intValue" in any) return parseInteger(any["intValue"]);
  const list = asObject(any["arrayValue"]);
  if (list !== undefined) return asArray(list["values"]).map(parseAnyValue);
  const record = asObject(any["kvlistValue"]);
  return record === undefined ? null : parseAttributes(record["values"]);
}

function parseInteger(value: unknown): unknown {
  if (typeof value !== "string" || !/^-?\d+$/.test(value)) return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** 64-bit numbers are strings in protobuf's JSON encoding, but some senders write numbers. */
function parseNanos(value: unknown): bigint {
  if (typeof value === "string" && /^\d{1,20}$/.test(value)) return BigInt(value);
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return BigInt(value);
  throw new Error("A span has a time that is not nanoseconds in digits.");
}

/** Milliseconds, to the microsecond; nanoseconds would be noise in a double. */
function toMs(nanos: bigint): number {
  return Number(nanos / NANOS_PER_MS) + Number((nanos % NANOS_PER_MS) / NANOS_PER_MICRO) / 1_000;
}

/** The tier: `land.tier` of the resource, else from the name of the service or scope, else the service name itself. */
export function findTier(resource: ReceivedAttributes, scopeName: string): string {
  const named = asText(resource["land.tier"]);
  if (named !== "") return named;
  const service = asText(resource["service.name"]);
  const tier = /^land-editor-(.+)$/.exec(service) ?? /^land\.(.+)$/.exec(scopeName);
  return tier?.[1] ?? (service || "unknown");
}
