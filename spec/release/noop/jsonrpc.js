const passOn = { handleMessage: (message, next) => next(message) };
export function traceConnection(reader, writer, options) {
  return /* @__PURE__ */ connection(reader, writer, options);
}
function connection(reader, writer, options) {
  return { reader, writer, messageStrategy: options?.messageStrategy ?? passOn };
}
