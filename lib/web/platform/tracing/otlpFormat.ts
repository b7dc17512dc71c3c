import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { RequestFormat } from "../../../delivery/RequestFormat.js";
import { readText } from "../../../delivery/readReply.js";
import { attempt } from "../../../shared/attempt.js";

/** Pages send JSON, and each batch in its own request, since they have few of them. */
export const OTLP_CONTENT_TYPES = {
  "http/json": "application/json",
  "http/protobuf": "application/json",
};
export const OTLP_SERIALIZERS = {
  "http/json": JsonTraceSerializer,
  "http/protobuf": JsonTraceSerializer,
};
export const MAX_BATCHES_PER_REQUEST = 1;

/** How requests with spans are made and their replies read. */
export const otlpFormat: RequestFormat = {
  join: ([first]) => first?.body ?? "",
  readReply: (reply) => {
    const { partialSuccess } =
      attempt(
        () => JSON.parse(reply.body.toString()) as { partialSuccess?: { rejectedSpans?: unknown } },
      ) ?? {};
    if (partialSuccess === undefined) return readText(reply);
    const rejected = Number(partialSuccess.rejectedSpans ?? 0);
    return Number.isSafeInteger(rejected) && rejected >= 0 ? { rejected } : { verdict: "unknown" };
  },
};
