import * as parser from "./exceptionProperties.js";

/**
 * Takes the place of `loadExceptionProperties` in the build for bundlers: the event must be whole before the span's
 * end returns, and within the application's own bundle there is no file to require.
 */
export function loadExceptionProperties(): typeof parser {
  return parser;
}
