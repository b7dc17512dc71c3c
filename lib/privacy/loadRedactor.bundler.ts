import * as redaction from "./createRedactor.js";

/** Takes the place of `loadRedactor` in the build for bundlers, where there is no file to require. */
export function loadRedactor(): typeof redaction {
  return redaction;
}
