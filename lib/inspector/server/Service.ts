import type { ChangeFeed } from "./ChangeFeed.js";
import type { InspectorCounts } from "./InspectorCounts.js";
import type { RequestCounter } from "./RequestCounter.js";
import type { SeenRequest } from "./SeenRequest.js";
import type { TraceStore } from "./TraceStore.js";
import type { HostRules } from "./allowHost.js";
import type { BodyLimits } from "./readBody.js";

/** What answering a request needs. */
export interface Service {
  readonly store: TraceStore;
  readonly feed: ChangeFeed;
  readonly counter: RequestCounter;
  readonly hostRules: HostRules;
  readonly allowedOrigins: readonly string[];
  readonly bodyLimits: BodyLimits;
  /** How often an open stream of changes says that it is there, in ms: silent connections are closed. */
  readonly heartbeatMs: number;
  readonly onRequest: ((request: SeenRequest) => void) | undefined;
  readonly counts: () => InspectorCounts;
}
