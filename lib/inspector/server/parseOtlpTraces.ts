import { HttpProblem } from "./HttpProblem.js";
import type { ReceivedAttributes, ReceivedScope, ReceivedSpan } from "./ReceivedSpan.js";
import type { JsonObject } from "./jsonMembers.js";
import { asArray, asHexId, asNumber, asObject, asText } from "./jsonMembers.js";
import { parseAttributes } from "./parseAttributes.js";

export interface ParsedSpans {
  readonly spans: readonly ReceivedSpan[];
  /** Spans without a usable id or time. */
  readonly rejected: number;
  /** What was wrong with the first rejected one, or empty. */
  readonly reason: string;
}

const TRACE_ID_DIGITS = 32;
const SPAN_ID_DIGITS = 16;
const NANOS_PER_MS = 1_000_000n;
const NANOS_PER_MICRO = 1_000n;

/** Reads an ExportTraceServiceRequest in OTLP/JSON; throws an HttpProblem 400 when it is something else. */
export function parseOtlpTraces(body: unknown): ParsedSpans {
  const request = asObject(body);
  const resourceSpans = request?.["resourceSpans"] ?? [];
  if (request === undefined || !Array.isArray(resourceSpans)) {
    throw new HttpProblem(
      400,
      "This is not OTLP/JSON: an object with an array `resourceSpans` is expected.",
    );
  }
  const spans: ReceivedSpan[] = [];
  let rejected = 0;
  let reason = "";
  for (const { span, resource, scope } of eachSpan(resourceSpans)) {
    try {
      spans.push(parseSpan(span, resource, scope));
    } catch (error) {
      rejected++;
      if (reason === "" && error instanceof Error) reason = error.message;
    }
  }
  return { spans, rejected, reason };
}

function* eachSpan(
  resourceSpans: readonly unknown[],
): Generator<{ span: unknown; resource: ReceivedAttributes; scope: ReceivedScope }> {
  for (const group of resourceSpans) {
    const resource = parseAttributes(asObject(asObject(group)?.["resource"])?.["attributes"]);
    for (const scoped of asArray(asObject(group)?.["scopeSpans"])) {
      const named = asObject(asObject(scoped)?.["scope"]);
      const scope = { name: asText(named?.["name"]), version: asText(named?.["version"]) };
      for (const span of asArray(asObject(scoped)?.["spans"])) yield { span, resource, scope };
    }
  }
}

function parseSpan(
  value: unknown,
  resource: ReceivedAttributes,
  scope: ReceivedScope,
): ReceivedSpan {
  const span = asObject(value);
  const traceId = asHexId(span?.["traceId"], TRACE_ID_DIGITS);
  const spanId = asHexId(span?.["spanId"], SPAN_ID_DIGITS);
  if (span === undefined || traceId === undefined || spanId === undefined)
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
    events: parseEvents(span),
    links: parseLinks(span),
    flags: asNumber(span["flags"]),
    traceState: asText(span["traceState"]),
    resource,
    scope,
  };
}

function parseEvents(span: JsonObject): ReceivedSpan["events"] {
  return asArray(span["events"]).map((value) => {
    const event = asObject(value);
    return {
      name: asText(event?.["name"]),
      timeUnixNano: parseNanos(event?.["timeUnixNano"]).toString(),
      attributes: parseAttributes(event?.["attributes"]),
    };
  });
}

function parseLinks(span: JsonObject): ReceivedSpan["links"] {
  return asArray(span["links"]).map((value) => {
    const link = asObject(value);
    return {
      traceId: asHexId(link?.["traceId"], TRACE_ID_DIGITS) ?? "",
      spanId: asHexId(link?.["spanId"], SPAN_ID_DIGITS) ?? "",
      attributes: parseAttributes(link?.["attributes"]),
    };
  });
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
  return (
    /^land-editor-(.+)$/.exec(asText(resource["service.name"]))?.[1] ??
    /^land\.(.+)$/.exec(scope.name)?.[1] ??
    "unknown"
  );
}
