import type { Context } from "@opentelemetry/api";
import { MARK_KEY } from "../../failures/mark.js";
import { inject } from "../inject.js";

/**
 * A copy of the message with `traceparent`, `tracestate` and `baggage` as members of its own: beside
 * `params`, where a peer's handlers and its cancellation token would meet them. Members the message has stay.
 */
export function withCarrier<M extends object>(message: M, context: Context): M {
  return withMembers(message, inject<Record<string, unknown>>({}, context));
}

/** A copy of a response that says its failure was counted here; beside `error.data`, which users see. */
export function withMark<M extends object>(message: M, mark: string): M {
  return withMembers(message, { [MARK_KEY]: mark });
}

function withMembers<M extends object>(message: M, members: Record<string, unknown>): M {
  const copy = { ...message };
  for (const key of Object.keys(members))
    if (!(key in message)) Object.assign(copy, { [key]: members[key] });
  return copy;
}
