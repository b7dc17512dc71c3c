import type { Redactor } from "../redaction/Redactor.js";
import type { MirrorEvent } from "./MirrorEvent.js";

/** Properties that name things rather than say something; the distinct id and the ids of spans stay as they are. */
const KEPT: ReadonlySet<string> = new Set([
  "$trace_id",
  "$span_id",
  "$parent_span_id",
  "$lib",
  "$lib_version",
  "$tier",
  "$component",
  "$node_version",
]);

/**
 * One event as PostHog's batch endpoint takes it, redacted, as JSON; undefined when it cannot be serialised.
 * The distinct id, the event's name and the property keys are never redacted.
 */
export function toWireEvent(event: MirrorEvent, redactor: Redactor): string | undefined {
  try {
    const properties: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(event.properties)) {
      if (value !== undefined) properties[key] = KEPT.has(key) ? value : redactor.value(value, key);
    }
    return JSON.stringify({
      event: event.event,
      distinct_id: event.distinctId,
      properties,
      timestamp: event.timestamp,
      uuid: event.uuid,
    });
  } catch {
    return undefined;
  }
}
