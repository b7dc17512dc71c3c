import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";

/** The spans of one resource, by scope; scopes are one when their name, version and schema are. */
export type ScopeGroups = ReadonlyMap<string, readonly ReadableSpan[]>;

/** Spans as OTLP nests them: by resource, then by scope, both in the order in which they first come. */
export function groupSpans(spans: readonly ReadableSpan[]): ReadonlyMap<ReadableSpan["resource"], ScopeGroups> {
  const resources = new Map<ReadableSpan["resource"], Map<string, ReadableSpan[]>>();
  let last: ReadableSpan | undefined;
  let group: ReadableSpan[] = [];
  for (const span of spans) {
    // Nearly always those of the span before.
    if (last === undefined || span.resource !== last.resource || span.instrumentationScope !== last.instrumentationScope) {
      let scopes = resources.get(span.resource);
      if (scopes === undefined) resources.set(span.resource, (scopes = new Map<string, ReadableSpan[]>()));
      const { name, version, schemaUrl } = span.instrumentationScope;
      const key = `${name}@${version || ""}:${schemaUrl || ""}`;
      group = scopes.get(key) ?? [];
      scopes.set(key, group);
      last = span;
    }
    group.push(span);
  }
  return resources;
}
