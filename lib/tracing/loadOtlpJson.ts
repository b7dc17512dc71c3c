let loaded: typeof import("./otlpJson.js") | undefined;

/** Loads the serializer with the first spans that it is needed for; see loadOtlpExporter. Kept: to ask for it again takes 15 µs of each batch. */
export function loadOtlpJson(): typeof import("./otlpJson.js") {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- one form for ESM and CommonJS builds
  return (loaded ??= require("./otlpJson.js") as typeof import("./otlpJson.js"));
}
