/** Loads the serializer for the spool with the first spans that go there; see loadOtlpExporter. */
export function loadOtlpJson(): typeof import("./otlpJson.js") {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- one form for ESM and CommonJS builds
  return require("./otlpJson.js") as typeof import("./otlpJson.js");
}
