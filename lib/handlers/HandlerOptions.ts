import type { Attributes } from "@opentelemetry/api";

/** What `traceHandler` can be told; `Args` and `Result` are those of the handler. */
export interface HandlerOptions<
  Args extends readonly unknown[] = readonly unknown[],
  Result = unknown,
> {
  /**
   * Where the caller's `traceparent`, `tracestate` and `baggage` are: an object, or a function of the
   * handler's arguments that finds one. Headers and such (see `extract`) or a payload with `_traceparent`.
   * Default: none, the parent is the active span.
   */
  readonly carrier?: object | ((...args: Args) => unknown);
  /** Attributes of the span, or a function of the handler's arguments that gives them. */
  readonly attributes?: Attributes | ((...args: Args) => Attributes | undefined);
  /**
   * For handlers that return their failures: the failure that a result holds, or undefined (also null or
   * false) when it is a success. It is asked once, with the resolved value.
   */
  readonly errorFromResult?: (result: Awaited<Result>) => unknown;
  /**
   * Also capture `land:<tier>:handler:complete` with `feature`, `duration_ms` and `ok` at the end of each
   * run. A text is the feature's name; true takes the method's. A cancelled run is not ok. Default: false.
   */
  readonly complete?: boolean | string;
}
