import type { TextMapSetter } from "@opentelemetry/api";
import { firstKeys, hasMethod, keysNamed } from "./carrierKeys.js";

const TRACEPARENT = "traceparent";
const TRACESTATE = "tracestate";

/**
 * Writes to any carrier. A name that is there in another letter case is replaced, and a new traceparent
 * takes away the tracestate of the old one, so that headers which are passed on do not mix two traces.
 */
export const carrierSetter: TextMapSetter<unknown> = {
  set(carrier, name, value) {
    if (
      typeof carrier !== "object" ||
      carrier === null ||
      Array.isArray(carrier) ||
      ArrayBuffer.isView(carrier)
    )
      return;
    if (carrier instanceof Map) {
      removeFromMap(carrier, name);
      if (name === TRACEPARENT) removeFromMap(carrier, TRACESTATE);
      carrier.set(name, value);
    } else if (hasMethod(carrier, "set")) {
      if (name === TRACEPARENT && hasMethod(carrier, "delete")) carrier.delete(TRACESTATE);
      carrier.set(name, value);
    } else if (Reflect.set(carrier, name, value)) {
      // Only now: an object that takes no new keys may still lose old ones.
      removeFromObject(carrier, name, name);
      if (name === TRACEPARENT) removeFromObject(carrier, TRACESTATE);
    }
  },
};

function removeFromMap(carrier: Map<unknown, unknown>, name: string): void {
  for (const key of keysNamed(firstKeys(carrier), name, () => carrier.has(name)))
    carrier.delete(key);
}

function removeFromObject(carrier: object, name: string, except?: string): void {
  for (const key of keysNamed(Object.keys(carrier), name, () => Object.hasOwn(carrier, name)))
    if (key !== except) Reflect.deleteProperty(carrier, key);
}
