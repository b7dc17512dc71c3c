import { JsonTraceSerializer, ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { parse } from "protobufjs";

/** The OTLP messages that make up a trace request, as opentelemetry-proto 1.x defines them. */
const { root } = parse(`
  syntax = "proto3";
  message Request { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; string schema_url = 3; }
  message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }
  message ScopeSpans { Scope scope = 1; repeated Span spans = 2; string schema_url = 3; }
  message Scope { string name = 1; string version = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5; uint32 kind = 6;
    fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9; uint32 dropped_attributes_count = 10;
    repeated Event events = 11; uint32 dropped_events_count = 12; repeated Link links = 13; uint32 dropped_links_count = 14;
    Status status = 15; fixed32 flags = 16;
  }
  message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
  message Link {
    bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; repeated KeyValue attributes = 4; uint32 dropped_attributes_count = 5;
    fixed32 flags = 6;
  }
  message Status { string message = 2; int32 code = 3; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue {
    oneof value {
      string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; ArrayValue array_value = 5;
      KeyValueList kvlist_value = 6; bytes bytes_value = 7;
    }
  }
  message ArrayValue { repeated AnyValue values = 1; }
  message KeyValueList { repeated KeyValue values = 1; }
`);

/** A part of a request, whose members are not yet verified. */
type Part = Readonly<Record<string, unknown>>;

/** What a collector reads from a request, and from one span; the same for both encodings. */
export type Request = ReturnType<typeof requestOf>;
export type ReceivedSpan = ReturnType<typeof spanOf>;

/** Spans as a collector reads them from JSON. Throws if it would refuse the request. */
export function readJson(spans: readonly ReadableSpan[]): Request {
  const bytes = JsonTraceSerializer.serializeRequest([...spans]) as Uint8Array;
  return requestOf(JSON.parse(Buffer.from(bytes).toString()));
}

/** Spans as a collector reads them from protobuf. */
export function readProtobuf(spans: readonly ReadableSpan[]): Request {
  const bytes = ProtobufTraceSerializer.serializeRequest([...spans]) as Uint8Array;
  const type = root.lookupType("Request");
  const message = type.toObject(type.decode(bytes), { longs: String, bytes: String, arrays: true });
  return requestOf(withHexIds(message));
}

/** Decoded protobuf has ids in base64, whereas JSON has them in hex. */
function withHexIds(value: unknown, name = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => withHexIds(item));
  if (typeof value === "string" && /^(?:traceId|spanId|parentSpanId)$/.test(name))
    return Buffer.from(value, "base64").toString("hex");
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withHexIds(inner, key)]),
  );
}

function requestOf(request: unknown) {
  return list(part(request)["resourceSpans"]).map((group) => {
    const resource = part(group["resource"]);
    return {
      attributes: attributesOf(resource["attributes"]),
      schemaUrl: text(group["schemaUrl"]),
      scopes: list(group["scopeSpans"]).map((inner) => {
        const scope = part(inner["scope"]);
        integer(scope["droppedAttributesCount"], 0n, UINT32);
        return {
          name: text(scope["name"]),
          version: text(scope["version"]),
          schemaUrl: text(inner["schemaUrl"]),
          attributes: attributesOf(scope["attributes"]),
          spans: list(inner["spans"]).map(spanOf),
        };
      }),
    };
  });
}

function spanOf(span: Part) {
  const status = part(span["status"]);
  return {
    ...contextOf(span),
    parentSpanId: id(span["parentSpanId"] ?? "", 16, true),
    name: text(span["name"]),
    kind: integer(span["kind"], 1n, 5n),
    start: integer(span["startTimeUnixNano"], 0n, INT64),
    end: integer(span["endTimeUnixNano"], 0n, INT64),
    attributes: attributesOf(span["attributes"]),
    events: list(span["events"]).map((event) => ({
      name: text(event["name"]),
      time: integer(event["timeUnixNano"], 0n, INT64),
      attributes: attributesOf(event["attributes"]),
      dropped: integer(event["droppedAttributesCount"], 0n, UINT32),
    })),
    links: list(span["links"]).map((link) => ({
      ...contextOf(link),
      attributes: attributesOf(link["attributes"]),
      dropped: integer(link["droppedAttributesCount"], 0n, UINT32),
    })),
    status: { code: integer(status["code"], 0n, 2n), message: text(status["message"]) },
    dropped: ["Attributes", "Events", "Links"].map((what) =>
      integer(span[`dropped${what}Count`], 0n, UINT32),
    ),
  };
}

const UINT32 = 2n ** 32n - 1n;
const INT64 = 2n ** 63n - 1n;

function contextOf(message: Part) {
  return {
    traceId: id(message["traceId"], 32),
    spanId: id(message["spanId"], 16),
    traceState: text(message["traceState"]),
    flags: integer(message["flags"], 0n, UINT32),
  };
}

function part(value: unknown): Part {
  if (typeof value !== "object" || value === null) throw new Error(`no part: ${String(value)}`);
  return value as Part;
}

function list(value: unknown): readonly Part[] {
  if (!Array.isArray(value)) throw new Error(`no list: ${String(value)}`);
  return value.map(part);
}

function attributesOf(value: unknown): Record<string, unknown> {
  return Object.fromEntries(
    list(value ?? []).map((member) => [text(member["key"]), anyValue(member["value"])]),
  );
}

function anyValue(value: unknown): unknown {
  const members = Object.entries(part(value ?? {}));
  if (members.length > 1) throw new Error("more than one value");
  const [kind, held] = members[0] ?? ["none", undefined];
  switch (kind) {
    case "none":
      return {};
    case "stringValue":
      return text(held);
    case "boolValue":
      if (typeof held !== "boolean") throw new Error("no boolean");
      return held;
    case "intValue":
      return { int: integer(held, -(2n ** 63n), INT64) };
    case "doubleValue":
      if (typeof held !== "number" || !Number.isFinite(held)) throw new Error("no number");
      return held;
    case "bytesValue":
      return { bytes: text(held) };
    case "arrayValue":
      return list(part(held)["values"]).map(anyValue);
    case "kvlistValue":
      return attributesOf(part(held)["values"]);
    default:
      throw new Error(`unknown value ${kind}`);
  }
}

function text(value: unknown): string {
  if (value !== undefined && typeof value !== "string")
    throw new Error(`no text: ${String(value)}`);
  if (value !== undefined && Buffer.from(value).toString() !== value)
    throw new Error(`not well-formed: ${JSON.stringify(value)}`);
  return value ?? "";
}

/** JSON has 64-bit integers as numbers or strings; a number beyond the safe ones has lost digits. */
function integer(value: unknown, least: bigint, most: bigint): string {
  if (typeof value === "number" && !Number.isSafeInteger(value))
    throw new Error(`no integer: ${value}`);
  const read = BigInt((value ?? 0) as string);
  if (read < least || read > most) throw new Error(`out of range: ${read}`);
  return read.toString();
}

function id(value: unknown, length: number, isOptional = false): string {
  const read = text(value).toLowerCase();
  if (!(isOptional && read === "") && !new RegExp(`^[0-9a-f]{${length}}$`).test(read))
    throw new Error(`no id: ${read}`);
  return read;
}
