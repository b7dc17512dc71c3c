import type { IncomingMessage } from "node:http";
import { HttpProblem } from "./http.js";
import type { JsonObject } from "./jsonMembers.js";
import { asArray, asHexId, asNumber, asObject, asText } from "./jsonMembers.js";
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

/** Tells the encoding of a request, before its body is read; refuses others and names the setting that helps. */
export function tracesEncoding({ headers }: IncomingMessage): "json" | "protobuf" {
  const type = headers["content-type"] ?? "";
  if (JSON_TYPE.test(type)) return "json";
  if (PROTOBUF.test(type)) return "protobuf";
  const advice =
    "OTLP is read as JSON or protobuf here; set OTEL_EXPORTER_OTLP_PROTOCOL=http/json or http/protobuf in the sender.";
  throw new HttpProblem(415, advice, { accept: "application/json, application/x-protobuf" });
}

/** Takes in an ExportTraceServiceRequest, in JSON or by `protobuf`; answers as a collector does, in the same encoding. */
export function receiveTraces(
  body: Buffer,
  store: TraceStore,
  protobuf: OtlpProtobuf | undefined,
): { readonly parsed: unknown; readonly answer: unknown } {
  const parsed = protobuf === undefined ? parseJson(body) : protobuf.decodeRequest(body);
  const { spans, rejected, reason } = parseRequest(parsed);
  store.countRejected(rejected);
  const lost = rejected + store.addSpans(spans, body.length);
  const partialSuccess = {
    rejectedSpans: String(lost),
    errorMessage: reason || "The trace is larger than the receiver may hold.",
  };
  const answer = lost === 0 ? { partialSuccess: {} } : { partialSuccess };
  return { parsed, answer: protobuf?.encodeAnswer(answer) ?? answer };
}

interface ParsedSpans {
  readonly spans: readonly ReceivedSpan[];
  /** Spans without a usable id or time. */
  readonly rejected: number;
  /** What was wrong with the first rejected one, or empty. */
  readonly reason: string;
}

function parseRequest(body: unknown): ParsedSpans {
  const request = asObject(body);
  const resourceSpans = request?.["resourceSpans"] ?? [];
  if (request === undefined || !Array.isArray(resourceSpans))
    throw new HttpProblem(
      400,
      "This is not OTLP/JSON: an object with an array `resourceSpans` is expected.",
    );
  const spans: ReceivedSpan[] = [];
  let rejected = 0;
  let reason = "";
  for (const group of resourceSpans.map(asObject)) {
    const resource = parseAttributes(asObject(group?.["resource"])?.["attributes"]);
    for (const scoped of asArray(group?.["scopeSpans"]).map(asObject)) {
      const named = asObject(scoped?.["scope"]);
      const scope = { name: asText(named?.["name"]), version: asText(named?.["version"]) };
      for (const span of asArray(scoped?.["spans"])) {
        try {
          spans.push(parseSpan(asObject(span) ?? {}, resource, scope));
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
  const status = asObject(span["status"]);
  return {
    traceId,
    spanId,
    parentSpanId: asHexId(span["parentSpanId"], SPAN_ID_DIGITS),
    name: asText(span["name"]),
    kind: asNumber(span["kind"]) ?? 0,
    tier: findTier(resource, scope),
    startTimeUnixNano: start.toString(),
    endTimeUnixNano: end.toString(),
    startTimeMs: toMs(start),
    durationMs: toMs(end - start),
    statusCode: asNumber(status?.["code"]) ?? 0,
    statusMessage: asText(status?.["message"]),
    attributes: parseAttributes(span["attributes"]),
    events: asArray(span["events"]).map((value) => {
      const event = asObject(value);
      return {
        name: asText(event?.["name"]),
        timeUnixNano: parseNanos(event?.["timeUnixNano"]).toString(),
        attributes: parseAttributes(event?.["attributes"]),
      };
    }),
    links: asArray(span["links"]).map((value) => {
      const link = asObject(value);
      return {
        traceId: asHexId(link?.["traceId"], TRACE_ID_DIGITS) ?? "",
        spanId: asHexId(link?.["spanId"], SPAN_ID_DIGITS) ?? "",
        attributes: parseAttributes(link?.["attributes"]),
      };
    }),
    flags: asNumber(span["flags"]),
    traceState: asText(span["traceState"]),
    resource,
    scope,
  };
}

/**
 * OTLP's list of keys and typed values as a plain record. `Object.fromEntries` defines its members, so that a
 * key such as `__proto__` is only a name.
 */
function parseAttributes(list: unknown): ReceivedAttributes {
  return Object.fromEntries(
    asArray(list).map((item) => {
      const attribute = asObject(item);
      return [asText(attribute?.["key"]), parseAnyValue(attribute?.["value"])];
    }),
  );
}

/** One AnyValue (opentelemetry-proto, common.proto). A 64-bit integer that a double cannot hold stays text. */
function parseAnyValue(value: unknown): unknown {
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

/** 64-bit numbers are text in protobuf's JSON; some senders write a number all the same. */
function parseNanos(value: unknown): bigint {
  if (typeof value === "string" && /^\d{1,20}$/.test(value)) return BigInt(value);
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return BigInt(value);
  throw new Error("A span has a time that is not nanoseconds in digits.");
}

/** Milliseconds with the microseconds behind the point; nanoseconds would be noise in a double. */
function toMs(nanos: bigint): number {
  return Number(nanos / NANOS_PER_MS) + Number((nanos % NANOS_PER_MS) / NANOS_PER_MICRO) / 1_000;
}

function findTier(resource: ReceivedAttributes, scope: ReceivedScope): string {
  const named = asText(resource["land.tier"]);
  if (named !== "") return named;
  const service = /^land-editor-(.+)$/.exec(asText(resource["service.name"]))?.[1];
  return service ?? /^land\.(.+)$/.exec(scope.name)?.[1] ?? "unknown";
}
