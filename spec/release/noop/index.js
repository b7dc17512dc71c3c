// What somebody would write by hand who wants an application without telemetry to run unchanged. Its names are those of the package, inside too,
// since esbuild chooses the letters of a bundle by the letters of its sources.
const Tier = {
  Mountain: "mountain",
  Air: "air",
  Echo: "echo",
  Rest: "rest",
  Grove: "grove",
  Mist: "mist",
  Sidecar: "sidecar",
  Common: "common",
  Cocoon: "cocoon",
  Wind: "wind",
  Sky: "sky",
  Worker: "worker",
  Output: "output",
  Build: "build",
};

const noSpanContext = () => ({ traceId: "0".repeat(32), spanId: "0".repeat(16), traceFlags: 0 });
const itself = () => NO_SPAN;
const NO_SPAN = {
  spanContext: noSpanContext,
  setAttribute: itself,
  setAttributes: itself,
  addEvent: itself,
  addLink: itself,
  addLinks: itself,
  setStatus: itself,
  updateName: itself,
  end: itself,
  isRecording: () => false,
  recordException: itself,
};
const NO_TRACER = { startSpan: itself, startActiveSpan: (...args) => args.at(-1)(NO_SPAN) };

function contextOf(values) {
  return {
    getValue: (key) => values[key],
    setValue: (key, value) => contextOf({ ...values, [key]: value }),
    deleteValue: (key) => contextOf({ ...values, [key]: void 0 }),
  };
}

function register() {
  return { status: "release", reason: "This is a release build.", tracer: NO_TRACER };
}
function withSpan(_name, second, third) {
  return (third ?? second)(NO_SPAN);
}
function emitSpan() {
  return /* @__PURE__ */ noSpanContext();
}
function traceHandler(_method, handler) {
  return handler;
}
function captureEvent() {}
function captureError() {}
function captureSession() {}
function inject(carrier) {
  return carrier;
}
function extract(_carrier, context) {
  return context ?? /* @__PURE__ */ contextOf({});
}
function injectPayload(payload) {
  return payload;
}
function extractPayload(_payload, context) {
  return context ?? /* @__PURE__ */ contextOf({});
}
function stripPayload(payload) {
  return payload;
}
function markPayload(payload) {
  return payload;
}
function adoptPayloadMark() {
  return false;
}
function trusted(value) {
  return value;
}
function formatTraceparent() {
  return "";
}
function parseTraceparent() {}
function isAllowed() {
  return false;
}

function stats() {
  return /* @__PURE__ */ books();
}
function books() {
  const nothing = { accepted: 0, delivered: 0, replayed: 0, dropped: {}, spooled: 0, pending: 0 };
  let vendor = "post";
  vendor += "hog";
  return { [vendor]: nothing, otlp: nothing };
}
function flush() {
  return /* @__PURE__ */ Promise.resolve();
}
function shutdown() {
  return /* @__PURE__ */ Promise.resolve();
}

export {
  Tier,
  register,
  withSpan,
  emitSpan,
  traceHandler,
  captureEvent,
  captureError,
  captureSession,
  inject,
  extract,
  injectPayload,
  extractPayload,
  stripPayload,
  markPayload,
  adoptPayloadMark,
  trusted,
  formatTraceparent,
  parseTraceparent,
  isAllowed,
  stats,
  flush,
  shutdown,
};
