// What somebody would write by hand who wants an application without telemetry to run unchanged. Its names are those of the package, inside too,
// since esbuild chooses the letters of a bundle by the letters of its sources.
export const Tier = {
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
    deleteValue: (key) => contextOf({ ...values, [key]: undefined }),
  };
}

export function register() {
  return { status: "release", reason: "This is a release build.", problems: [], tracer: NO_TRACER };
}
export function withSpan(_name, second, third) {
  return (third ?? second)(NO_SPAN, /* @__PURE__ */ contextOf({}));
}
export function emitSpan() {
  return /* @__PURE__ */ noSpanContext();
}
export function traceHandler(_method, handler) {
  return handler;
}
export function captureEvent() {}
export function captureError() {}
export function captureSession() {}
export function currentTrace() {}
export function inject(carrier) {
  return carrier;
}
export function extract(_carrier, context) {
  return context ?? /* @__PURE__ */ contextOf({});
}
export function injectPayload(payload) {
  return payload;
}
export function extractPayload(_payload, context) {
  return context ?? /* @__PURE__ */ contextOf({});
}
export function stripPayload(payload) {
  return payload;
}
export function markPayload(payload) {
  return payload;
}
export function adoptPayloadMark() {
  return false;
}
export function trusted(value) {
  return value;
}
export function formatTraceparent() {
  return "";
}
export function parseTraceparent() {}
export function isAllowed() {
  return false;
}

export function stats() {
  return /* @__PURE__ */ noStats();
}
function noStats() {
  const nothing = { accepted: 0, delivered: 0, replayed: 0, dropped: {}, spooled: 0, pending: 0 };
  let vendor = "post";
  vendor += "hog";
  return { [vendor]: nothing, otlp: nothing };
}
export function flush() {
  return /* @__PURE__ */ Promise.resolve();
}
export function markLaunched() {}
export function watchChild() {}
export function shutdown() {
  return /* @__PURE__ */ Promise.resolve();
}
