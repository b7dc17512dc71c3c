import { copyPayload, isPlainPayload, PAYLOAD_KEYS } from "./payloadKeys.js";

/**
 * The payload without the keys of telemetry, for handlers that should see what the sender gave: the same
 * payload when it holds none, else a shallow copy. What was null at the sender is an empty object here.
 * Never throws.
 */
export function stripPayload(payload: unknown): unknown {
  try {
    if (!isPlainPayload(payload) || !PAYLOAD_KEYS.some((key) => Object.hasOwn(payload, key)))
      return payload;
    return copyPayload(payload, PAYLOAD_KEYS);
  } catch {
    return payload;
  }
}
