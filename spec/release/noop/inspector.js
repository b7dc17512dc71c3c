function startInspector() {
  return /* @__PURE__ */ Promise.resolve(/* @__PURE__ */ inertInspector());
}
function inertInspector() {
  return {
    url: "",
    port: 0,
    traces: () => [],
    trace: () => void 0,
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
      evictedTraces: 0,
      evictedSpans: 0,
      evictedEvents: 0,
    }),
    subscribe: () => () => void 0,
    waitFor: () => Promise.reject(new Error("This is a release build: nothing will be received.")),
    clear: () => void 0,
    close: () => Promise.resolve(),
  };
}

export { startInspector };
