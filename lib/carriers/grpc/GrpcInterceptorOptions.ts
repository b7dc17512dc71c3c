import type { Attributes } from "@opentelemetry/api";

/** A failure that an OK response reports in its own words. */
export interface ResponseFailure {
  /** Becomes `error.type`; default `_OTHER`, the conventions' word for "no better name". */
  readonly type?: string;
  /** Becomes the span's status message and the error event's message. */
  readonly message: string;
}

/** Options of `serverInterceptor` and `clientInterceptor`. */
export interface GrpcInterceptorOptions {
  /**
   * Says when a response that came with status OK is a failure all the same; asked once per response message, so
   * once per call for unary responses. Give an Error to have its stack on the span. Default: OK is never a failure.
   *
   * @example
   * // A service that answers OK with `error.Code` set:
   * (response) => response.error?.Code ? { type: String(response.error.Code), message: response.error.Message } : undefined
   */
  readonly failureFromResponse?: (
    response: unknown,
    method: string,
  ) => ResponseFailure | Error | undefined;
  /** Attributes for every span this interceptor starts. Default: none beyond `rpc.*`. */
  readonly attributes?: Attributes;
  /**
   * Calls that get no span and no carrier, by full method (`package.Service/Method`), for example health checks.
   * Default: none.
   */
  readonly ignore?: (method: string) => boolean;
}
