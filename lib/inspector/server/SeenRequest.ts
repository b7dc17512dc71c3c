import type { IncomingHttpHeaders } from "node:http";

/** One answered request, as `onRequest` sees it. */
export interface SeenRequest {
  readonly method: string;
  /** The path as it was asked for, with its prefix and query. */
  readonly path: string;
  /** The route it was counted under, for example `/v1/traces`. */
  readonly route: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The unpacked and parsed JSON body; undefined when there was none or it was refused. */
  readonly body: unknown;
}
