import type { Inspector, InspectorOptions } from "../inspector/server/startInspector.js";

/** Resolves to a receiver that listens nowhere and has received nothing. */
export function startInspector(options?: InspectorOptions): Promise<Inspector>;
export function startInspector(): Promise<Inspector> {
  return /* @__PURE__ */ Promise.resolve(/* @__PURE__ */ inertInspector());
}

function inertInspector(): Inspector {
  return {
    url: "",
    port: 0,
    traces: () => [],
    trace: () => undefined,
    events: () => [],
    requests: () => [],
    counts: () => ({
      connections: 0,
      openConnections: 0,
      evictedConnections: 0,
      requests: 0,
      spans: 0,
      events: 0,
      duplicateSpans: 0,
      duplicateEvents: 0,
      rejectedSpans: 0,
      logs: 0,
      evictedTraces: 0,
      evictedErrors: 0,
      evictedSpans: 0,
      evictedEvents: 0,
    }),
    subscribe: () => () => undefined,
    waitFor: () => Promise.reject(new Error("This is a release build: nothing will be received.")),
    clear: () => undefined,
    close: () => Promise.resolve(),
  };
}
