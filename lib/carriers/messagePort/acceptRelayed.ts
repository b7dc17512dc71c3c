import type { DeliveryRecord } from "../../delivery/DeliveryRecord.js";
import { attempt } from "../../shared/attempt.js";
import { randomUuid } from "../../shared/builtins.js";
import { globalState } from "../../shared/globalState.js";
import { isObject } from "../../shared/isObject.js";
import { readMember } from "../../shared/readMember.js";
import type { Pipe } from "../../shared/Stats.js";

/** Maximum length of a request body, in characters; a page sends no larger ones. */
const MAX_LENGTH = 8 * 1024 * 1024;
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
/** Events that are written to disk before anything else is done with them. */
const URGENT = /^(?:land:[^:]+:error|land:[^:]+:session:\w+|\$exception)$/;
const FAILED = 2;

/**
 * Accepts a request body that a page passed to its `relay`, and delivers it as this tier's own: immediately while the
 * endpoint answers, through the spool while it does not. Events keep their ids, so that one that arrives twice counts
 * once. Never rejects.
 *
 * @returns Whether this tier has accepted it: false when the pipe is off or the body is not a page's request.
 */
export async function acceptRelayed(body: unknown): Promise<boolean> {
  const { runtime } = globalState();
  if (typeof body !== "string" || body.length > MAX_LENGTH || runtime?.take === undefined)
    return false;
  const parsed = attempt(() => JSON.parse(body) as unknown);
  const [pipe, records]: readonly [Pipe, readonly DeliveryRecord[]] = Array.isArray(
    readMember(parsed, "batch"),
  )
    ? ["posthog", listIn(parsed, "batch").flatMap(eventRecord)]
    : ["otlp", spanRecord(parsed, body)];
  return records.length > 0 && runtime.take(pipe, records);
}

function eventRecord(event: unknown): readonly DeliveryRecord[] {
  const member = (name: string): unknown => readMember(event, name);
  const [name, id, owner] = ["event", "uuid", "distinct_id"].map(member);
  const [timestamp, properties] = ["timestamp", "properties"].map(member);
  if (typeof name !== "string" || typeof owner !== "string" || typeof timestamp !== "string")
    return [];
  if (typeof id !== "string" || !UUID.test(id) || !isObject(properties)) return [];
  const body = JSON.stringify({ event: name, distinct_id: owner, properties, timestamp, uuid: id });
  return [{ id, count: 1, urgent: URGENT.test(name), body }];
}

function spanRecord(request: unknown, body: string): readonly DeliveryRecord[] {
  const spans = listIn(request, "resourceSpans")
    .flatMap((resource) => listIn(resource, "scopeSpans"))
    .flatMap((scope) => listIn(scope, "spans"));
  const urgent = spans.some((span) => readMember(readMember(span, "status"), "code") === FAILED);
  return spans.length === 0 ? [] : [{ id: randomUuid(), count: spans.length, urgent, body }];
}

function listIn(value: unknown, name: string): readonly unknown[] {
  const list = readMember(value, name);
  return Array.isArray(list) ? list : [];
}
