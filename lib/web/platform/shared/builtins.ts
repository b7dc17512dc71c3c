import { newId } from "../../../resource/identity.js";

/** A random UUID (RFC 9562, version 4). */
export { newId as randomUuid };

/** The only parts of Node's modules that are used here: the checks of whether HTTP can carry a header. */
export function builtin(): object {
  return {
    validateHeaderName: (name: string) => new Headers([[name, ""]]),
    validateHeaderValue: (name: string, value: string) => new Headers([[name, value]]),
  };
}

export function loadBuiltins(): void {
  // There is nothing to load.
}
