import protobuf from "protobufjs/light.js";

type Field = readonly [type: string, id: number, rule?: "repeated"];

/** Fields of a message as protobufjs wants them. */
function message(
  fields: Readonly<Record<string, Field>>,
  oneofs?: Readonly<Record<string, { oneof: string[] }>>,
): protobuf.IType {
  const described = Object.entries(fields).map(
    ([name, [type, id, rule]]) =>
      [name, { type, id, ...(rule === undefined ? {} : { rule }) }] as const,
  );
  return { fields: Object.fromEntries(described), ...(oneofs === undefined ? {} : { oneofs }) };
}

/** The messages of traces (opentelemetry-proto 1.x, trace.proto, common.proto, resource.proto), as far as they are shown. */
const SCHEMA: protobuf.INamespace = {
  nested: {
    Request: message({ resourceSpans: ["ResourceSpans", 1, "repeated"] }),
    ResourceSpans: message({
      resource: ["Resource", 1],
      scopeSpans: ["ScopeSpans", 2, "repeated"],
    }),
    Resource: message({ attributes: ["KeyValue", 1, "repeated"] }),
    ScopeSpans: message({ scope: ["Scope", 1], spans: ["Span", 2, "repeated"] }),
    Scope: message({ name: ["string", 1], version: ["string", 2] }),
    Span: message({
      traceId: ["bytes", 1],
      spanId: ["bytes", 2],
      traceState: ["string", 3],
      parentSpanId: ["bytes", 4],
      name: ["string", 5],
      kind: ["int32", 6],
      startTimeUnixNano: ["fixed64", 7],
      endTimeUnixNano: ["fixed64", 8],
      attributes: ["KeyValue", 9, "repeated"],
      events: ["Event", 11, "repeated"],
      links: ["Link", 13, "repeated"],
      status: ["Status", 15],
      flags: ["fixed32", 16],
    }),
    Event: message({
      timeUnixNano: ["fixed64", 1],
      name: ["string", 2],
      attributes: ["KeyValue", 3, "repeated"],
    }),
    Link: message({
      traceId: ["bytes", 1],
      spanId: ["bytes", 2],
      attributes: ["KeyValue", 4, "repeated"],
    }),
    Status: message({ message: ["string", 2], code: ["int32", 3] }),
    KeyValue: message({ key: ["string", 1], value: ["AnyValue", 2] }),
    AnyValue: message(
      {
        stringValue: ["string", 1],
        boolValue: ["bool", 2],
        intValue: ["int64", 3],
        doubleValue: ["double", 4],
        arrayValue: ["ArrayValue", 5],
        kvlistValue: ["KeyValueList", 6],
        bytesValue: ["bytes", 7],
      },
      {
        value: {
          oneof: [
            "stringValue",
            "boolValue",
            "intValue",
            "doubleValue",
            "arrayValue",
            "kvlistValue",
            "bytesValue",
          ],
        },
      },
    ),
    ArrayValue: message({ values: ["AnyValue", 1, "repeated"] }),
    KeyValueList: message({ values: ["KeyValue", 1, "repeated"] }),
    Response: message({ partialSuccess: ["PartialSuccess", 1] }),
    PartialSuccess: message({ rejectedSpans: ["int64", 1], errorMessage: ["string", 2] }),
  },
};

let root: protobuf.Root | undefined;

function typeOf(name: string): protobuf.Type {
  root ??= protobuf.Root.fromJSON(SCHEMA);
  return root.lookupType(name);
}

/** Two bytes can make a message of some hundred: so many are decoded, which is ten to a span of a full body. */
const MAX_MESSAGES = 500_000;
/** Messages inside each other, as many as are read of JSON. */
const MAX_DEPTH = 64;
const LENGTH_DELIMITED = 2;

/** Reads an ExportTraceServiceRequest in protobuf as what it would be in OTLP/JSON; throws when it is something else. */
export function decodeOtlpTraces(body: Uint8Array): unknown {
  const type = typeOf("Request");
  countMessages(type, protobuf.Reader.create(body), body.length, 0, 0);
  return withHexIds(
    type.toObject(type.decode(body), { longs: String, bytes: String, arrays: true }),
  );
}

/** Walks over the messages without making any, and throws when there are too many. */
function countMessages(
  type: protobuf.Type,
  reader: protobuf.Reader,
  end: number,
  depth: number,
  before: number,
): number {
  if (depth > MAX_DEPTH) throw new RangeError(`it nests messages deeper than ${MAX_DEPTH} levels`);
  let count = before + 1;
  if (count > MAX_MESSAGES) throw new RangeError(`it has more than ${MAX_MESSAGES} messages in it`);
  while (reader.pos < end) {
    const tag = reader.uint32();
    const field = type.fieldsById[tag >>> 3]?.resolve();
    if (field?.resolvedType instanceof protobuf.Type && (tag & 7) === LENGTH_DELIMITED) {
      const length = reader.uint32();
      count = countMessages(field.resolvedType, reader, reader.pos + length, depth + 1, count);
    } else reader.skipType(tag & 7);
  }
  return count;
}

/** The answer to a request in protobuf; nothing at all when all of it was taken in. */
export function encodeOtlpAnswer(rejectedSpans: number, errorMessage: string): Uint8Array {
  if (rejectedSpans === 0) return new Uint8Array();
  const type = typeOf("Response");
  return type.encode(type.fromObject({ partialSuccess: { rejectedSpans, errorMessage } })).finish();
}

interface Ids {
  traceId?: string;
  spanId?: string;
  parentSpanId?: string;
}

interface Request {
  readonly resourceSpans?: readonly {
    readonly scopeSpans?: readonly {
      readonly spans?: readonly (Ids & { readonly links?: readonly Ids[] })[];
    }[];
  }[];
}

/** Ids are bytes in protobuf and hex in JSON; all other bytes are base64 there. */
function withHexIds(request: Request): Request {
  for (const { scopeSpans = [] } of request.resourceSpans ?? []) {
    for (const { spans = [] } of scopeSpans) {
      for (const span of spans) {
        toHex(span);
        for (const link of span.links ?? []) toHex(link);
      }
    }
  }
  return request;
}

function toHex(ids: Ids): void {
  for (const name of ["traceId", "spanId", "parentSpanId"] as const) {
    const id = ids[name];
    if (id !== undefined) ids[name] = Buffer.from(id, "base64").toString("hex");
  }
}
