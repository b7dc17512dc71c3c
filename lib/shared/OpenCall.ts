import type { Attributes } from "@opentelemetry/api";

/** A call to or from another tier whose span has been started. */
export interface CrossingCall {
  /** `traceparent`, `tracestate` and `baggage` of the span. */
  readonly carrier: Readonly<Record<string, string>>;
  /** Runs the call inside the span, which ends with it. Returns the call's result, or a promise for it. */
  run(work: () => unknown): unknown;
}

/**
 * Starts the span of a call out of or into a page: `land:<tier>:<action>`. The package's registering entry
 * provides this function, so that a small entry which calls it does not need OpenTelemetry itself.
 *
 * @param payload What came from the other tier, its context in the top-level keys. Without context, returns undefined.
 */
export type OpenCall = (
  action: string,
  kind: "client" | "consumer",
  attributes: Attributes,
  payload?: unknown,
) => CrossingCall | undefined;
