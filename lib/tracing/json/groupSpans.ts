import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { Redactor } from "../../redaction/Redactor.js";

/** The spans of one scope, which is redacted. */
export interface ScopeGroup {
  readonly scope: ReadableSpan["instrumentationScope"];
  readonly spans: ReadableSpan[];
}

/**
 * Spans as OTLP nests them: by resource, then by scope, both in the order in which they first come. Scopes are one
 * when their name, version and schema are.
 */
export function groupSpans(
  spans: readonly ReadableSpan[],
  redactor: Redactor,
): ReadonlyMap<ReadableSpan["resource"], ReadonlyMap<string, ScopeGroup>> {
  const resources = new Map<ReadableSpan["resource"], Map<string, ScopeGroup>>();
  let last: ReadableSpan | undefined;
  let group: ScopeGroup | undefined;
  for (const span of spans) {
    // Nearly always those of the span before.
    if (
      group === undefined ||
      span.resource !== last?.resource ||
      span.instrumentationScope !== last.instrumentationScope
    ) {
      let scopes = resources.get(span.resource);
      if (scopes === undefined)
        resources.set(span.resource, (scopes = new Map<string, ScopeGroup>()));
      const scope = redactor.scope(span.instrumentationScope);
      const key = `${scope.name}@${scope.version || ""}:${scope.schemaUrl || ""}`;
      group = scopes.get(key) ?? { scope, spans: [] };
      scopes.set(key, group);
      last = span;
    }
    group.spans.push(span);
  }
  return resources;
}
