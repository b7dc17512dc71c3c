/**
 * Loads the exporter and its serializer with the first batch: they cost more to load than the rest of the SDK.
 * Synchronous, because at the end of a process there is no later; the build keeps what this requires as a file
 * of its own.
 */
export function loadOtlpExporter(): typeof import("./otlpExporter.js") {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- see above
  return require("./otlpExporter.js") as typeof import("./otlpExporter.js");
}
