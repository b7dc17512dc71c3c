const PASS_ON = { handleMessage: (message, next) => next(message) };
export function traceConnection(reader, writer, options) {
  return /* @__PURE__ */ connectionOf(reader, writer, options);
}
function connectionOf(reader, writer, options) {
  return { reader, writer, messageStrategy: options?.messageStrategy ?? PASS_ON };
}
