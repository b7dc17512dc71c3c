/**
 * Loads PostHog's stack parser with the first error, for those who asked for error tracking. Synchronous, because
 * the event must be on disk before the span's end returns; the build keeps what this requires as a file of its own.
 */
export function loadExceptionProperties(): typeof import("./exceptionProperties.js") {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- see above
  return require("./exceptionProperties.js") as typeof import("./exceptionProperties.js");
}
