import type { Context } from "@opentelemetry/api";
import { context } from "@opentelemetry/api";
import type { Method } from "../../shared/interceptMethod.js";
import { interceptMethod } from "../../shared/interceptMethod.js";
import { diagnoseSetting } from "../../shared/diagnostics.js";
import { readMember } from "../../shared/readMember.js";
import { isObject } from "../../shared/isObject.js";
import { receiveTraced, sendTraced } from "./portMessage.js";

/** What `tracePort` can trace: a MessagePort, `parentPort`, a Worker and objects of the same shape. */
export interface Port {
  // Declared as a method, so that ports with a narrower transfer list fit too.
  postMessage(value: unknown, ...rest: never[]): void;
}

/** Runs a listener in the context that a payload was sent in. */
type Receive = <T>(payload: unknown, listener: () => T) => T;

/** Tells every copy of this package that a port is traced. */
const TRACED = Symbol.for("land-telemetry.traced-port");
const MESSAGE = "message";
const HANDLER = "onmessage";
const ADDERS = ["addEventListener", "on", "addListener", "once"];
const REMOVERS = ["removeEventListener", "off", "removeListener"];

/**
 * Carries the trace across a MessagePort, a Worker or `parentPort`. Call it on both sides, before listeners are
 * added; a second call does nothing. Returns the same port, which can still be transferred.
 *
 * Posted objects carry `_traceparent` at their top level, and `_tracestate` and `_baggage` unless they are empty. The
 * value is unchanged when `postMessage` returns, and the structured clone works as before (cycles, transfers).
 * Arrays, scalars, null and built-in objects travel without a context. Listeners for `message` run in the sender's
 * context and see the value without those keys. A side that is not traced sees the keys as ordinary members.
 *
 * An Error (or a member named `error`) that was counted as an event on this side is also counted for the other side:
 * the message then carries `_land-counted` too.
 *
 * No spans are made here; wrap the listener with `traceHandler` for one. `receiveMessageOnPort` returns the value as
 * it was sent: use `extractPayload` on it.
 */
export function tracePort<P extends Port>(port: P): P {
  if (typeof readMember(port, "postMessage") !== "function") {
    diagnoseSetting("tracePort port", port, "a port or a Worker", "It is returned unchanged.");
    return port;
  }
  const isNew = Reflect.get(port, TRACED) !== true;
  if (!isNew || !Reflect.defineProperty(port, TRACED, { value: true })) return port;
  const seen = new WeakMap<object, Context>();
  const receive: Receive = (payload, listener) =>
    context.with(receiveTraced(payload, seen), listener);

  interceptMethod(port, "postMessage", (post, self, args) =>
    // Without an argument the port throws; passing on undefined would post it instead.
    args.length === 0
      ? post.call(self)
      : sendTraced(args[0], (sent) => post.call(self, sent, ...args.slice(1))),
  );
  // Node's MessagePort and the web's ports and workers have events with `data`; Node's Worker is an EventEmitter.
  if ("addEventListener" in port) traceListeners(port, receive);
  else traceEmitter(port, receive);
  return port;
}

/** Makes an emitter emit its messages, which are the values themselves, in the sender's context. */
function traceEmitter(port: Port, receive: Receive): void {
  interceptMethod(port, "emit", (method, self, args) => {
    const emit = (): unknown => method.apply(self, args);
    return args[0] === MESSAGE ? receive(args[1], emit) : emit();
  });
}

/**
 * Makes the `message` listeners of an event target run in the sender's context. Each listener is wrapped when it is
 * added, always in the same wrapper, so that adding twice and removing work as before.
 */
function traceListeners(port: Port, receive: Receive): void {
  const wrappers = new WeakMap<object, Method>();
  const listeners = new WeakMap<object, unknown>();

  const wrapperOf = (listener: unknown): unknown =>
    isObject(listener) ? (wrappers.get(listener) ?? listener) : listener;
  const wrap = (listener: unknown): unknown => {
    if (!isObject(listener) || wrappers.has(listener)) return wrapperOf(listener);
    const wrapper: Method = function (...args) {
      const [given] = args;
      const payload = given instanceof Event ? (given as Event & { data?: unknown }).data : given;
      return receive(payload, () =>
        typeof listener === "function"
          ? (listener as Method).apply(this, args)
          : (listener as { handleEvent: Method }).handleEvent(given),
      );
    };
    wrappers.set(listener, wrapper);
    listeners.set(wrapper, listener);
    return wrapper;
  };
  const listenerOf = (held: unknown): unknown =>
    isObject(held) ? (listeners.get(held) ?? held) : held;

  for (const key of ADDERS) replaceListener(port, key, wrap);
  for (const key of REMOVERS) replaceListener(port, key, wrapperOf);
  traceHandlerMember(port, wrap, listenerOf);
}

/** Calls `add(type, listener, …)` and `remove(type, listener, …)` with a changed listener for messages. */
function replaceListener(port: object, key: string, change: (listener: unknown) => unknown): void {
  interceptMethod(port, key, (method, self, args) => {
    const changed = (arg: unknown, index: number): unknown => (index === 1 ? change(arg) : arg);
    return method.apply(self, args[0] === MESSAGE ? args.map(changed) : args);
  });
}

/**
 * The same for `port.onmessage = listener`, where the port has an accessor that decides what it accepts and holds. A
 * plain property is left alone: the port reads from it what the caller has set.
 */
function traceHandlerMember(
  port: object,
  wrap: (listener: unknown) => unknown,
  listenerOf: (held: unknown) => unknown,
): void {
  let holder: object | null = port;
  while (holder !== null && !Object.hasOwn(holder, HANDLER))
    holder = Object.getPrototypeOf(holder) as object | null;
  const member = Object.getOwnPropertyDescriptor(holder ?? port, HANDLER);
  if (member?.set === undefined) return;
  Reflect.defineProperty(port, HANDLER, {
    configurable: true,
    enumerable: holder === port && member.enumerable === true,
    get: () => listenerOf(member.get?.call(port)),
    set(listener: unknown) {
      member.set?.call(port, typeof listener === "function" ? wrap(listener) : listener);
    },
  });
}
