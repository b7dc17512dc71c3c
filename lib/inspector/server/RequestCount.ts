/** How often a route was answered with a status. */
export interface RequestCount {
  /** The route without prefix or query, for example `/v1/traces`, `/batch/` or `/api/traces`; `other` for everything else. */
  readonly route: string;
  /** The HTTP status; 499 when the caller went away before its request was whole. */
  readonly status: number;
  readonly count: number;
}
