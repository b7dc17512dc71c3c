import protobuf from "protobufjs";
import { HttpProblem } from "./http.js";
import type { JsonObject } from "./jsonMembers.js";
import { asArray, asText, member } from "./jsonMembers.js";

/** The displayed fields of traces and logs (opentelemetry-proto 1.x: trace, logs, common and resource.proto). */
const SCHEMA = `
  syntax = "proto3";
  message Request { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeSpans { Scope scope = 1; repeated Span spans = 2; }
  message Scope { string name = 1; string version = 2; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4;
    string name = 5; int32 kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
    repeated KeyValue attributes = 9; repeated Event events = 11; repeated Link links = 13;
    Status status = 15; fixed32 flags = 16;
  }
  message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; }
  message Link { bytes trace_id = 1; bytes span_id = 2; repeated KeyValue attributes = 4; }
  message Status { string message = 2; int32 code = 3; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue {
    oneof value {
      string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
      ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7;
    }
  }
  message ArrayValue { repeated AnyValue values = 1; }
  message KeyValueList { repeated KeyValue values = 1; }
  message LogsRequest { repeated ResourceLogs resource_logs = 1; }
  message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; }
  message ScopeLogs { Scope scope = 1; repeated LogRecord log_records = 2; }
  message LogRecord {
    fixed64 time_unix_nano = 1; int32 severity_number = 2; string severity_text = 3; AnyValue body = 5;
    repeated KeyValue attributes = 6; bytes trace_id = 9; bytes span_id = 10; fixed64 observed_time_unix_nano = 11;
  }
  message Response { PartialSuccess partial_success = 1; }
  message PartialSuccess { int64 rejected_spans = 1; string error_message = 2; }
`;

/** Maximum messages, since two bytes can decode to about a hundred: ten for each span of a full body. */
const MAX_MESSAGES = 500_000;
/** Maximum nesting of messages, the same as for JSON. */
const MAX_DEPTH = 64;
const LENGTH_DELIMITED = 2;

/** Decodes OTLP requests in protobuf and encodes the responses. */
export class OtlpProtobuf {
  readonly #requests: Readonly<Record<"traces" | "logs", protobuf.Type>>;
  readonly #response: protobuf.Type;

  constructor() {
    const { root } = protobuf.parse(SCHEMA);
    this.#requests = {
      traces: root.lookupType("Request"),
      logs: root.lookupType("LogsRequest"),
    };
    this.#response = root.lookupType("Response");
  }

  /** Decodes an export request to its OTLP/JSON form; throws an HttpProblem when the body is something else. */
  decodeRequest(body: Uint8Array, signal: "traces" | "logs"): unknown {
    const request = this.#requests[signal];
    try {
      countMessages(request, protobuf.Reader.create(body), body.length, 0, 0);
      const options = { longs: String, bytes: String, arrays: true };
      return withHexIds(request.toObject(request.decode(body), options));
    } catch (error) {
      throw new HttpProblem(400, `The body is not OTLP in protobuf: ${(error as Error).message}.`);
    }
  }

  /** Encodes an answer; zero bytes when the whole request was accepted. */
  encodeAnswer(answer: JsonObject): Uint8Array {
    if (member(answer, "partialSuccess", "rejectedSpans") === undefined) return new Uint8Array();
    return this.#response.encode(this.#response.fromObject(answer)).finish();
  }
}

/** Counts messages without decoding them; throws when there are too many or they are nested too deeply. */
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

/** Ids are bytes in protobuf, but hex in OTLP/JSON, where all other bytes are base64. */
function withHexIds(request: JsonObject): JsonObject {
  const inner = (list: readonly unknown[], ...names: readonly string[]): readonly unknown[] =>
    list.flatMap((item) => names.flatMap((name) => asArray(member(item, name))));
  const scopes = inner(
    inner([request], "resourceSpans", "resourceLogs"),
    "scopeSpans",
    "scopeLogs",
  );
  for (const span of inner(scopes, "spans", "logRecords") as Record<string, unknown>[]) {
    for (const ids of [span, ...asArray(span["links"])] as Record<string, unknown>[]) {
      for (const name of ["traceId", "spanId", "parentSpanId"])
        if (name in ids) ids[name] = Buffer.from(asText(ids[name]), "base64").toString("hex");
    }
  }
  return request;
}
