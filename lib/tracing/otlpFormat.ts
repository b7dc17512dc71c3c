import { JsonTraceSerializer, ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { OtlpProtocol } from "../config/TelemetryOptions.js";
import type { DeliveryRecord } from "../delivery/DeliveryRecord.js";
import type { HttpReply } from "../delivery/HttpTransport.js";
import type { ReplyReading, RequestFormat } from "../delivery/RequestFormat.js";
import { readGrpcStatus, readText } from "../delivery/readReply.js";
import { attempt } from "../shared/attempt.js";
import { randomUuid } from "../shared/builtins.js";
import { field, fieldsOf, LENGTH_DELIMITED } from "./protobuf.js";

interface Request {
  readonly resourceSpans: readonly ResourceSpans[];
}
interface ResourceSpans {
  readonly scopeSpans: readonly ScopeSpans[];
}
interface ScopeSpans {
  readonly spans: readonly unknown[];
}

/** After a long outage with small batches, one request per batch would take as long as the outage did. */
export const MAX_BATCHES_PER_REQUEST = 64;

/** What every JSON export request from the official serializer begins and ends with. */
const HEAD = Buffer.from('{"resourceSpans":[');
const TAIL = Buffer.from("]}");
const COMMA = Buffer.from(",");

/** The content type of each protocol. */
export const OTLP_CONTENT_TYPES: Readonly<Record<OtlpProtocol, string>> = {
  "http/json": "application/json",
  "http/protobuf": "application/x-protobuf",
};

/** The official serializer of each protocol. */
export const OTLP_SERIALIZERS = {
  "http/json": JsonTraceSerializer,
  "http/protobuf": ProtobufTraceSerializer,
} as const;

/** How export requests are joined and split, and how replies to them are read, in JSON and protobuf. */
export const otlpFormat: RequestFormat = { join, split, readReply };

/**
 * Joins JSON batches inside their list. Protobuf batches are concatenated, which decodes as one message with the lists
 * of all of them ("Last One Wins": repeated fields are appended).
 */
function join(records: readonly DeliveryRecord[]): Uint8Array | string {
  const [first] = records;
  if (first === undefined) return "";
  if (records.length === 1) return first.body;
  const bodies = records.map(({ body }) => Buffer.from(body as string));
  if (first.contentType === OTLP_CONTENT_TYPES["http/protobuf"]) return Buffer.concat(bodies);
  const lists = bodies.map(listOf).filter((list) => list.length > 0);
  return Buffer.concat([
    HEAD,
    ...lists.flatMap((list, at) => (at > 0 ? [COMMA, list] : [list])),
    TAIL,
  ]);
}

/** The content of the list in a JSON batch. Throws for any other body, so that the batches are sent one by one. */
function listOf(body: Buffer): Buffer {
  const end = body.length - TAIL.length;
  const isKnown = body.indexOf(HEAD) === 0 && body.subarray(end).equals(TAIL);
  if (!isKnown) throw new Error("not a request for spans in the official serializer's form");
  return body.subarray(HEAD.length, end);
}

/**
 * Splits a batch of spans in two, for an endpoint that found it too large (proxies in front of a collector limit
 * requests: nginx to 1 MB by default) or a span in it invalid. Each half keeps the resource and the scopes.
 */
function split(record: DeliveryRecord): readonly DeliveryRecord[] | undefined {
  const { body, count, contentType } = record;
  if (count < 2) return undefined;
  const bytes = Buffer.from(body as string);
  const isProtobuf = contentType === OTLP_CONTENT_TYPES["http/protobuf"];
  const request = isProtobuf ? undefined : (JSON.parse(bytes.toString("utf8")) as Request);
  const cut = (from: number, to: number): Buffer | string =>
    request === undefined
      ? partOfMessage(bytes, from, to)
      : JSON.stringify(partOf(request, from, to));
  const middle = count >> 1;
  const part = (from: number, to: number): DeliveryRecord => ({
    ...record,
    id: randomUuid(),
    count: Math.min(to, count) - from,
    body: cut(from, to),
  });
  return [part(0, middle), part(middle, Infinity)];
}

/** The part of a request with the spans at positions `from` (inclusive) to `to` (exclusive) of the whole request. */
function partOf({ resourceSpans, ...request }: Request, from: number, to: number): Request {
  let position = 0;
  const cut = ({ spans, ...scope }: ScopeSpans): ScopeSpans => {
    const start = position;
    position += spans.length;
    return { ...scope, spans: spans.slice(Math.max(0, from - start), Math.max(0, to - start)) };
  };
  return {
    ...request,
    resourceSpans: resourceSpans
      .map(({ scopeSpans, ...resource }) => ({
        ...resource,
        scopeSpans: scopeSpans.map(cut).filter(({ spans }) => spans.length > 0),
      }))
      .filter(({ scopeSpans }) => scopeSpans.length > 0),
  };
}

/** The field numbers that lead to the spans of a request: resource_spans, scope_spans, spans. */
const PATH = [1, 2, 2];

/** The same part of a request in protobuf. */
function partOfMessage(request: Buffer, from: number, to: number): Buffer {
  let [position, kept] = [0, 0];
  const cut = (message: Buffer, [child, ...below]: readonly number[]): Buffer | undefined => {
    const [parts, before]: [Buffer[], number] = [[], kept];
    for (const { number, whole, content } of fieldsOf(message)) {
      if (number !== child) parts.push(whole);
      else if (below.length > 0) {
        const inner = cut(content, below);
        if (inner !== undefined) parts.push(field(number, inner));
      } else if (position >= from && position++ < to) {
        parts.push(whole);
        kept++;
      } else position++;
    }
    return kept > before ? Buffer.concat(parts) : undefined;
  };
  return cut(request, PATH) ?? Buffer.alloc(0);
}

/**
 * Reads a collector's reply: empty if it took the whole request, the number of spans it rejected despite a 2xx status
 * (OTLP specification, "Partial Success"), or a google.rpc.Status.
 */
function readReply(reply: HttpReply): ReplyReading | undefined {
  const { body, headers } = reply;
  const text = readText(reply);
  if (text === undefined)
    return /protobuf|octet-stream/i.test(headers["content-type"] ?? "")
      ? attempt(() => readMessage(body))
      : undefined;
  const { partialSuccess, partial_success: partial = partialSuccess } =
    attempt(() => JSON.parse(body.toString("utf8")) as OtlpResponse | null) ?? {};
  if (partial === undefined) return text;
  return readPartialSuccess(partial ?? {});
}

/** The same in protobuf, where the type of field 1 tells a response (a message) from a status (a varint). */
function readMessage(reply: Buffer): ReplyReading {
  let partial: PartialSuccess = {};
  let code = 0;
  let message: string | undefined;
  for (const { number, type, content, value } of fieldsOf(reply)) {
    if (number === 1 && type === LENGTH_DELIMITED)
      for (const inner of fieldsOf(content)) {
        if (inner.number === 1) partial = { ...partial, rejectedSpans: inner.value };
        if (inner.number === 2) partial = { ...partial, errorMessage: String(inner.content) };
      }
    else if (number === 1) code = value;
    else if (number === 2) message = String(content);
  }
  return code > 0 ? readGrpcStatus(code, message) : readPartialSuccess(partial);
}

function readPartialSuccess(partial: PartialSuccess): ReplyReading {
  const { rejectedSpans, rejected_spans: count = rejectedSpans } = partial;
  const { errorMessage, error_message: message = errorMessage } = partial;
  // JSON encodes 64-bit integers as strings, possibly with an exponent.
  const rejected = typeof count === "string" && count.trim() !== "" ? Number(count) : (count ?? 0);
  return {
    ...(Number.isSafeInteger(rejected) && (rejected as number) >= 0
      ? { rejected: rejected as number }
      : { verdict: "unknown" }),
    ...(typeof message === "string" && message !== "" ? { message } : {}),
  };
}

/** A reply as collectors write it, looser than the specification: JSON may use the field names of the proto files. */
interface OtlpResponse {
  readonly partialSuccess?: PartialSuccess | null;
  readonly partial_success?: PartialSuccess | null;
}
interface PartialSuccess {
  readonly rejectedSpans?: unknown;
  readonly rejected_spans?: unknown;
  readonly errorMessage?: unknown;
  readonly error_message?: unknown;
}
