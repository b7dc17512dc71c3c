const passOn = { handleMessage: (message, next) => next(message) };
export function traceConnection(reader, writer, options) {
  return { reader, writer, messageStrategy: options?.messageStrategy ?? passOn };
}
