/**
 * Loads redaction with the first thing to redact: it is the largest part of this package. Synchronous, because an
 * error event is on disk, redacted, when its call returns; the build keeps what this requires as a file of its own.
 */
export function loadRedactor(): typeof import("./createRedactor.js") {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- see above
  return require("./createRedactor.js") as typeof import("./createRedactor.js");
}
