import * as exporter from "./otlpExporter.js";

/**
 * Takes the place of `loadOtlpExporter` in the build for bundlers: within the application's own bundle there is no
 * file to require, and at the end of a process an `import()` comes too late.
 */
export function loadOtlpExporter(): typeof exporter {
  return exporter;
}
