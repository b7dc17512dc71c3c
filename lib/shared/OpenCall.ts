import type { Attributes } from "@opentelemetry/api";

/** A call to or from another tier, whose span has been started. */
export interface CrossingCall {
  /** `traceparent`, `tracestate` and `baggage` of the span. */
  readonly carrier: Readonly<Record<string, string>>;
  /** Runs the call inside of the span, which ends with it. Returns what the call does, or a promise of that. */
  run(work: () => unknown): unknown;
}

/**
 * Starts the span of a call out of or into a page: `land:<tier>:<action>`. A small entry of the package asks the one that
 * registers for this, so that it needs nothing of OpenTelemetry itself.
 *
 * @param payload What came from the other tier, with its context at the top. Without a context there is no call.
 */
export type OpenCall = (
  action: string,
  kind: "client" | "consumer",
  attributes: Attributes,
  payload?: unknown,
) => CrossingCall | undefined;
