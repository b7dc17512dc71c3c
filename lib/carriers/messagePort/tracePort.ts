import { hideMember } from "../hideMember.js";
import type { EmitterPort, EventPort, Port } from "./Port.js";
import { sendTraced } from "./sendTraced.js";
import { traceEmitter } from "./traceEmitter.js";
import { traceListeners } from "./traceListeners.js";

/** Says that a port is traced, to every copy of this package. */
const TRACED = Symbol.for("land-telemetry.traced-port");

/**
 * Lets the trace cross a MessagePort, a Worker or `parentPort`. To be called on both sides, before listeners
 * are added; a second call does nothing. Gives back the same port, which can still be transferred.
 *
 * Objects that are posted carry `_traceparent`, and `_tracestate` and `_baggage` when there is something to
 * say, at their top; the value itself is as before when `postMessage` returns, and what the structured
 * clone does (cycles, transfers) stays. Arrays, scalars, null and built-in objects travel without a context. Listeners for `message`
 * run in the context of the sender and see the value without those keys. A side that is not traced sees the
 * keys as ordinary members.
 *
 * An Error (or a member named `error`) that was counted as an event on this side is counted for the other
 * side too: the message then also carries `_land-counted`.
 *
 * No spans are made here; wrap the listener with `traceHandler` for one. `receiveMessageOnPort` gives the
 * value as it was sent: use `extractPayload` on it.
 */
export function tracePort<P extends Port>(port: P): P {
  if (Reflect.get(port, TRACED) === true || !hideMember(port, TRACED, true)) return port;
  const post = port.postMessage.bind(port) as (value: unknown, ...rest: unknown[]) => void;
  hideMember(port, "postMessage", (value: unknown, ...rest: unknown[]) =>
    sendTraced(value, (sent) => post(sent, ...rest)),
  );

  if (typeof (port as Partial<EventPort>).addEventListener === "function")
    traceListeners(port as P & EventPort);
  else if (typeof (port as Partial<EmitterPort>).emit === "function")
    traceEmitter(port as P & EmitterPort);
  return port;
}
