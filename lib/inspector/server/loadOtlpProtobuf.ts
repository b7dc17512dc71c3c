/** Loads the decoder of protobuf with the first request that needs it; the build keeps it as a file of its own. */
export function loadOtlpProtobuf(): typeof import("./otlpProtobuf.js") {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- see above
  return require("./otlpProtobuf.js") as typeof import("./otlpProtobuf.js");
}
