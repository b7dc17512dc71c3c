/**
 * Loads the propagator with the first carrier. The build keeps what this requires as a file of its own.
 */
export function loadPropagator(): typeof import("./createPropagator.js") {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- synchronous, as injecting is
  return require("./createPropagator.js") as typeof import("./createPropagator.js");
}
