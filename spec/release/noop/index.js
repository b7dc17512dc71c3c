// What somebody would write by hand who wants an application without telemetry to run unchanged.
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

const invalid = () => ({ traceId: "0".repeat(32), spanId: "0".repeat(16), traceFlags: 0 });
const same = () => span;
const span = {
  spanContext: invalid,
  setAttribute: same,
  setAttributes: same,
  addEvent: same,
  addLink: same,
  addLinks: same,
  setStatus: same,
  updateName: same,
  end: same,
  isRecording: () => false,
  recordException: same,
};
const tracer = { startSpan: same, startActiveSpan: (...args) => args.at(-1)(span) };

function makeContext(values) {
  return {
    getValue: (key) => values[key],
    setValue: (key, value) => makeContext({ ...values, [key]: value }),
    deleteValue: (key) => makeContext({ ...values, [key]: undefined }),
  };
}

export function register() {
  return { status: "release", reason: "This is a release build.", tracer };
}
export function withSpan(name, options, fn) {
  return (fn ?? options)(span);
}
export function emitSpan() {
  return /* @__PURE__ */ invalid();
}
export function traceHandler(method, handler) {
  return handler;
}
export function captureEvent() {}
export function captureError() {}
export function captureSession() {}
export function inject(carrier) {
  return carrier;
}
export function extract(carrier, context) {
  return context ?? /* @__PURE__ */ makeContext({});
}
export function injectPayload(payload) {
  return payload;
}
export function extractPayload(payload, context) {
  return context ?? /* @__PURE__ */ makeContext({});
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
  return /* @__PURE__ */ bothPipes();
}
function bothPipes() {
  const zeros = { accepted: 0, delivered: 0, replayed: 0, dropped: {}, spooled: 0, pending: 0 };
  let name = "post";
  name += "hog";
  return { [name]: zeros, otlp: zeros };
}
export function flush() {
  return /* @__PURE__ */ Promise.resolve();
}
export function shutdown() {
  return /* @__PURE__ */ Promise.resolve();
}
