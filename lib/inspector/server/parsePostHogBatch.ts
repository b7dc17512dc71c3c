import { HttpProblem } from "./HttpProblem.js";
import type { ReceivedEvent } from "./ReceivedEvent.js";
import { asHexId, asObject, asText } from "./jsonMembers.js";

const TRACE_ID_DIGITS = 32;
const SPAN_ID_DIGITS = 16;

/**
 * Reads the body of PostHog's batch endpoint: `{api_key, batch: [{event, distinct_id, properties, …}]}`.
 * Throws an HttpProblem as PostHog would answer: 401 without a key, 400 for anything else. One bad event
 * refuses its whole batch there, and so it does here.
 */
export function parsePostHogBatch(body: unknown): readonly ReceivedEvent[] {
  const request = asObject(body);
  const batch = request?.["batch"];
  if (request === undefined || !Array.isArray(batch)) {
    throw new HttpProblem(
      400,
      "This is not a PostHog batch: an object with `api_key` and an array `batch` is expected.",
    );
  }
  const apiKey = asText(request["api_key"]);
  if (apiKey.trim() === "")
    throw new HttpProblem(
      401,
      "The batch has no `api_key`; set Authorize to the key of the project.",
    );
  return batch.map((item: unknown, index) => parseEvent(item, index, apiKey));
}

function parseEvent(item: unknown, index: number, apiKey: string): ReceivedEvent {
  const sent = asObject(item);
  const properties = asObject(sent?.["properties"]) ?? {};
  const event = asText(sent?.["event"]);
  const distinctId = asText(sent?.["distinct_id"]) || asText(properties["distinct_id"]);
  if (event === "" || distinctId === "")
    throw new HttpProblem(
      400,
      `Event ${index} of the batch has no \`event\` name or no \`distinct_id\`.`,
    );
  return {
    event,
    distinctId,
    apiKey,
    uuid: asText(sent?.["uuid"]) || undefined,
    timestamp: asText(sent?.["timestamp"]) || undefined,
    tier: asText(properties["$tier"]) || undefined,
    traceId: asHexId(properties["$trace_id"], TRACE_ID_DIGITS),
    spanId: asHexId(properties["$span_id"], SPAN_ID_DIGITS),
    properties,
  };
}
