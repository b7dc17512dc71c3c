import { JsonTraceSerializer, ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { OtlpProtocol } from "../config/TelemetryOptions.js";
import type { DeliveryRecord } from "../delivery/DeliveryRecord.js";
import type { HttpReply } from "../delivery/HttpTransport.js";
import type { ReplyReading, RequestFormat } from "../delivery/RequestFormat.js";
import { randomUuid } from "../shared/builtins.js";

interface Request {
  readonly resourceSpans: readonly ResourceSpans[];
}
interface ResourceSpans {
  readonly scopeSpans: readonly ScopeSpans[];
}
interface ScopeSpans {
  readonly spans: readonly unknown[];
}

/** After a long outage with small batches, one request for each would take as long as the outage. */
export const MAX_BATCHES_PER_REQUEST = 64;

/** How the official serializer begins and ends every JSON request of spans. */
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

/** How requests of spans are joined, cut and answered, in JSON and protobuf. */
export const otlpFormat: RequestFormat = { join, split, readReply };

/**
 * JSON batches are joined inside their list. Protobuf ones stand one behind the other, which the encoding reads as one
 * message with the lists of both ("Last One Wins": repeated fields are appended).
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

/** The content of the list in a JSON batch. Throws for anything else, so that the batches are sent one by one. */
function listOf(body: Buffer): Buffer {
  const end = body.length - TAIL.length;
  const isKnown = body.indexOf(HEAD) === 0 && body.subarray(end).equals(TAIL);
  if (!isKnown) throw new Error("not a request of spans as the official serializer writes it");
  return body.subarray(HEAD.length, end);
}

/**
 * Cuts a JSON batch in two by its spans, for an endpoint that found it too large (proxies in front of a collector bound
 * requests: nginx takes 1 MB unless told otherwise). Each half keeps the resource and the scopes.
 */
function split(record: DeliveryRecord): readonly DeliveryRecord[] | undefined {
  const { body, count, contentType } = record;
  if (count < 2 || contentType === OTLP_CONTENT_TYPES["http/protobuf"]) return undefined;
  const request = JSON.parse(Buffer.from(body as string).toString("utf8")) as Request;
  const middle = count >> 1;
  const part = (from: number, to: number): DeliveryRecord => ({
    ...record,
    id: randomUuid(),
    count: to - from,
    body: JSON.stringify(partOf(request, from, to)),
  });
  return [part(0, middle), part(middle, count)];
}

/** The spans from one position in the whole request to another. */
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

/**
 * The spans that a collector rejected although it answered 2xx (OTLP specification, "Partial Success"). A reply that
 * is not OTLP counts as a full success, because its status says so.
 */
function readReply({ body, headers }: HttpReply): ReplyReading {
  const isProtobuf = headers["content-type"]?.includes("protobuf") === true;
  const serializer = OTLP_SERIALIZERS[isProtobuf ? "http/protobuf" : "http/json"];
  const response = serializer.deserializeResponse(body) as OtlpResponse | null;
  const { rejectedSpans, errorMessage } = response?.partialSuccess ?? {};
  const rejected = Number(rejectedSpans ?? 0);
  return {
    rejected: Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0,
    ...(typeof errorMessage === "string" && errorMessage !== "" ? { message: errorMessage } : {}),
  };
}

/** The shape of a reply as collectors write it, which is looser than the specification. */
interface OtlpResponse {
  readonly partialSuccess?: {
    readonly rejectedSpans?: unknown;
    readonly errorMessage?: unknown;
  } | null;
}
