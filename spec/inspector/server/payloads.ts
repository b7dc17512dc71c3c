export const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
export const ROOT_ID = "b7ad6b7169203331";
export const CHILD_ID = "00f067aa0ba902b7";

export interface SpanChoice {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly name?: string;
  readonly attributes?: readonly unknown[];
}

/** A span in OTLP/JSON. */
export function otlpSpan(choice: SpanChoice = {}): Record<string, unknown> {
  return {
    traceId: TRACE_ID,
    spanId: ROOT_ID,
    name: "land:cocoon:handler",
    kind: 2,
    startTimeUnixNano: "1760000000000000000",
    endTimeUnixNano: "1760000000012345678",
    status: { code: 0 },
    attributes: [],
    events: [],
    links: [],
    ...choice,
  };
}

/** An ExportTraceServiceRequest of one resource and scope. */
export function otlpRequest(spans: readonly unknown[], tier = "cocoon"): Record<string, unknown> {
  const text = (key: string, value: string): unknown => ({ key, value: { stringValue: value } });
  return {
    resourceSpans: [
      {
        resource: {
          attributes: [
            text("service.name", `land-editor-${tier}`),
            text("land.tier", tier),
            text("session.id", "s-1"),
          ],
        },
        scopeSpans: [{ scope: { name: `land.${tier}`, version: "1.2.3" }, spans }],
      },
    ],
  };
}

/** A PostHog event that belongs to a span. */
export function postHogEvent(choice: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    event: "land:cocoon:error",
    distinct_id: "land-dev-ada",
    uuid: "0190f7a0-0000-7000-8000-000000000001",
    timestamp: "2026-01-02T03:04:05.678Z",
    properties: { $tier: "cocoon", $trace_id: TRACE_ID, $span_id: CHILD_ID, error_tag: "ENOENT" },
    ...choice,
  };
}

/** What a tier's next process sends about one that died: a span that was open, and the event of its death. */
export function deathOf(
  kind: "crash" | "vanished",
  properties: Record<string, unknown>,
): { readonly span: unknown; readonly event: Record<string, unknown> } {
  const attributes = [
    { key: "land.unfinished", value: { boolValue: true } },
    { key: "land.ended_by", value: { stringValue: properties["ended_by"] } },
    { key: "error.type", value: { stringValue: "process_death" } },
  ];
  return {
    span: { ...otlpSpan({ spanId: CHILD_ID, attributes }), status: { code: 2 } },
    event: postHogEvent({
      event: `land:cocoon:${kind}`,
      properties: { $tier: "cocoon", $trace_id: TRACE_ID, $span_id: CHILD_ID, ...properties },
    }),
  };
}

export function postHogBatch(events: readonly unknown[]): Record<string, unknown> {
  return { api_key: "phc_example", batch: events, sent_at: "2026-01-02T03:04:06.000Z" };
}
