import { gunzipSync } from "node:zlib";
import type { BodyBudget } from "./http.js";
import { HttpProblem } from "./http.js";
import { asHexId, asObject, asText, member } from "./jsonMembers.js";
import { parseJson } from "./parseJson.js";
import type { ReceivedEvent } from "./ReceivedTrace.js";
import type { TraceStore } from "./TraceStore.js";

/**
 * Receives a PostHog batch and answers like PostHog. PostHog's browser library sends gzip without the header and
 * puts `compression=gzip-js` in the query; the first two bytes are as reliable a sign.
 */
export function receiveBatch(
  body: Buffer,
  query: string,
  store: TraceStore,
  budget: BodyBudget,
): { readonly parsed: unknown; readonly answer: unknown } {
  if (/(?:^|&)compression=(?:base64|lz64)(?:&|$)/.test(query))
    throw new HttpProblem(415, "Only `compression=gzip-js` and plain JSON are read here.");
  const unpacked = body[0] === 0x1f && body[1] === 0x8b ? unpack(body, budget) : body;
  const parsed = parseJson(unpacked);
  store.addEvents(parseBatch(parsed), unpacked.length);
  return { parsed, answer: { status: 1 } };
}

function unpack(body: Buffer, budget: BodyBudget): Buffer {
  const maxOutputLength = Math.max(1, Math.min(budget.maxBodyBytes, budget.left));
  try {
    return gunzipSync(body, { maxOutputLength });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_BUFFER_TOO_LARGE")
      throw new HttpProblem(400, "The body has a gzip header but is not valid gzip.");
    throw maxOutputLength < budget.maxBodyBytes ? budget.tooBusy() : budget.tooLarge();
  }
}

/**
 * Parses `{api_key, batch: [{event, distinct_id, properties, …}]}`. Throws an HttpProblem with PostHog's status:
 * 401 without a key, 400 for anything else. As at PostHog, one bad event makes the whole batch fail.
 */
function parseBatch(body: unknown): readonly ReceivedEvent[] {
  const batch = member(body, "batch");
  if (!Array.isArray(batch))
    throw new HttpProblem(400, "A batch is an object with `api_key` and an array `batch`.");
  const apiKey = asText(member(body, "api_key"));
  if (apiKey.trim() === "")
    throw new HttpProblem(401, "The batch has no `api_key`; set Authorize to the project's key.");
  return batch.map((item: unknown, index) => parseEvent(item, index, apiKey));
}

function parseEvent(item: unknown, index: number, apiKey: string): ReceivedEvent {
  const properties = asObject(member(item, "properties")) ?? {};
  const event = asText(member(item, "event"));
  const distinctId = asText(member(item, "distinct_id")) || asText(properties["distinct_id"]);
  if (event === "" || distinctId === "")
    throw new HttpProblem(400, `Event ${index} of the batch has no event name or distinct_id.`);
  return {
    event,
    distinctId,
    apiKey,
    uuid: asText(member(item, "uuid")) || undefined,
    timestamp: asText(member(item, "timestamp")) || undefined,
    tier: asText(properties["$tier"]) || undefined,
    traceId: asHexId(properties["$trace_id"], 32),
    spanId: asHexId(properties["$span_id"], 16),
    properties,
  };
}
