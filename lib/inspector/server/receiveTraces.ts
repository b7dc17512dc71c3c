import type { IncomingMessage } from "node:http";
import { HttpProblem } from "./HttpProblem.js";
import type { TraceStore } from "./TraceStore.js";
import { loadOtlpProtobuf } from "./loadOtlpProtobuf.js";
import { parseJson } from "./parseJson.js";
import { parseOtlpTraces } from "./parseOtlpTraces.js";

const PROTOBUF = /^application\/(?:x-)?protobuf\s*(?:;|$)/i;
const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/** The two encodings of OTLP over HTTP. */
export type OtlpEncoding = "json" | "protobuf";

/** Tells the encoding of a request, before its body is read; refuses others and names the setting that helps. */
export function tracesEncoding(request: IncomingMessage): OtlpEncoding {
  const type = request.headers["content-type"] ?? "";
  if (JSON_TYPE.test(type)) return "json";
  if (PROTOBUF.test(type)) return "protobuf";
  const advice =
    "OTLP is read as JSON or protobuf here; set OTEL_EXPORTER_OTLP_PROTOCOL=http/json or http/protobuf in the sender.";
  throw new HttpProblem(415, advice, { accept: "application/json, application/x-protobuf" });
}

/** What was taken in, and the answer to it. */
export interface ReceivedTraces {
  readonly parsed: unknown;
  /** As a collector answers, in the encoding of the request. */
  readonly answer: unknown;
}

/** Takes in an OTLP body and answers as a collector does. */
export function receiveTraces(
  body: Buffer,
  encoding: OtlpEncoding,
  store: TraceStore,
): ReceivedTraces {
  const protobuf = encoding === "protobuf" ? loadOtlpProtobuf() : undefined;
  const parsed = protobuf === undefined ? parseJson(body) : decode(body, protobuf);
  const { spans, rejected, reason } = parseOtlpTraces(parsed);
  store.countRejected(rejected);
  const lost = rejected + store.addSpans(spans, body.length);
  const errorMessage =
    lost === 0 ? "" : reason || "The trace is larger than the receiver may hold.";
  if (protobuf !== undefined)
    return { parsed, answer: protobuf.encodeOtlpAnswer(lost, errorMessage) };
  return {
    parsed,
    answer: { partialSuccess: lost === 0 ? {} : { rejectedSpans: String(lost), errorMessage } },
  };
}

function decode(body: Buffer, { decodeOtlpTraces }: typeof import("./otlpProtobuf.js")): unknown {
  try {
    return decodeOtlpTraces(body);
  } catch (error) {
    throw new HttpProblem(400, `The body is not OTLP in protobuf: ${(error as Error).message}.`);
  }
}
