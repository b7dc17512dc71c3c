import { newId } from "../../../resource/identity.js";

/** A random UUID (RFC 9562, version 4). */
export { newId as randomUuid };

/** Of Node's modules only the check of a header is asked for: whether HTTP can carry it. */
export function builtin(): object {
  return {
    validateHeaderName: (name: string) => new Headers([[name, ""]]),
    validateHeaderValue: (name: string, value: string) => new Headers([[name, value]]),
  };
}

export function loadBuiltins(): void {
  // There is nothing to load.
}
