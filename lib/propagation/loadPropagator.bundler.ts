import * as propagator from "./createPropagator.js";

/** Takes the place of `loadPropagator` in the build for bundlers, where there is no file to require. */
export function loadPropagator(): typeof propagator {
  return propagator;
}
