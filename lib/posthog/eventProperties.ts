import type { SpanContext } from "@opentelemetry/api";
import { PACKAGE_NAME, PACKAGE_VERSION } from "../resource/packageVersion.js";
import type { EventIdentity } from "./EventIdentity.js";

/**
 * The properties that every event carries, the caller's own, and those a caller may not change: the tier and
 * the span that the event belongs to.
 */
export function eventProperties(
  identity: EventIdentity,
  tier: string,
  span: SpanContext | undefined,
  own: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return {
    $app: identity.app.name,
    $app_version: identity.app.version,
    $build_mode: identity.app.buildMode,
    $node_version: process.version,
    $lib: PACKAGE_NAME,
    $lib_version: PACKAGE_VERSION,
    // A desktop process speaks for a developer's machine, not for a person or a place.
    $process_person_profile: false,
    $geoip_disable: true,
    ...own,
    $component: tier,
    $tier: tier,
    // Undefined is left out of the JSON, and keeps a caller from claiming a span that is not there.
    $trace_id: span?.traceId,
    $span_id: span?.spanId,
  };
}
