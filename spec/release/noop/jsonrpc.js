const PASS_ON = { handleMessage: (message, next) => next(message) };
export function traceConnection(reader, writer, options) {
  return /* @__PURE__ */ connectionOf(reader, writer, options);
}
function connectionOf(reader, writer, options) {
  return { reader, writer, messageStrategy: options?.messageStrategy ?? PASS_ON };
}
export function traceFrames() {
  return /* @__PURE__ */ untracedFrames();
}
function untracedFrames() {
  return {
    send: (frame) => frame,
    receive: (frame, handler) => handler(frame),
    close: () => undefined,
  };
}
