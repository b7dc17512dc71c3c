import type { Attributes } from "@opentelemetry/api";

/** A call to another tier, or of one, for which a span has begun. */
export interface CrossingCall {
  /** `traceparent`, `tracestate` and `baggage` of the span. */
  readonly carrier: Readonly<Record<string, string>>;
  /** Does the work of the call in the span, which ends with it. Returns what the work does, or a promise of that. */
  run(work: () => unknown): unknown;
}

/**
 * Begins the span of a call that crosses the border of a page: `land:<tier>:<action>`. What a small entry of the package
 * asks of the one that registers, so that it holds nothing of OpenTelemetry itself.
 *
 * @param payload What came from the other tier, with its context at the top. Without a context there is no call.
 */
export type OpenCall = (
  action: string,
  kind: "client" | "consumer",
  attributes: Attributes,
  payload?: unknown,
) => CrossingCall | undefined;
