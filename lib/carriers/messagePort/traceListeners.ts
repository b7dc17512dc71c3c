import { context } from "@opentelemetry/api";
import { isObject } from "../../shared/isObject.js";
import { hideMember } from "../hideMember.js";
import type { EventPort } from "./Port.js";
import { MESSAGE } from "./Port.js";
import type { Seen } from "./receiveTraced.js";
import { receiveTraced } from "./receiveTraced.js";

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Listener =
  ((this: unknown, ...args: unknown[]) => unknown) | { handleEvent(event: unknown): unknown };

const ADDERS = ["addEventListener", "on", "addListener", "once"] as const;
const REMOVERS = ["removeEventListener", "off", "removeListener"] as const;

/**
 * Lets the `message` listeners of an event target run in the context of the sender. They are wrapped as
 * they are added, one wrapper for one listener, so that adding twice and removing work as before.
 */
export function traceListeners(port: EventPort): void {
  const seen: Seen = new WeakMap();
  const wrappers = new WeakMap<object, Method>();
  const isWrapper = new WeakSet();

  const wrap = (listener: unknown): unknown => {
    // `on` of Node's ports comes back here by way of `addEventListener`.
    if (!isObject(listener) || isWrapper.has(listener)) return listener;
    let wrapper = wrappers.get(listener);
    if (wrapper === undefined) {
      wrapper = function (this: unknown, ...args: unknown[]) {
        const [given] = args;
        const payload = given instanceof Event ? (given as Event & { data?: unknown }).data : given;
        return context.with(receiveTraced(payload, seen), () =>
          call(listener as Listener, this, args),
        );
      };
      wrappers.set(listener, wrapper);
      isWrapper.add(wrapper);
    }
    return wrapper;
  };
  const wrapped = (listener: unknown): unknown =>
    isObject(listener) ? (wrappers.get(listener) ?? listener) : listener;

  for (const key of ADDERS) replace(port, key, wrap);
  for (const key of REMOVERS) replace(port, key, wrapped);
  traceHandlerMember(port, wrap);
}

function call(listener: Listener, self: unknown, args: unknown[]): unknown {
  return typeof listener === "function"
    ? listener.apply(self, args)
    : listener.handleEvent(args[0]);
}

/** `add(type, listener, …)` and `remove(type, listener, …)` with another listener for messages. */
function replace(port: object, key: string, change: (listener: unknown) => unknown): void {
  const method: unknown = Reflect.get(port, key);
  if (typeof method !== "function") return;
  hideMember(
    port,
    key,
    function (this: unknown, type: unknown, listener: unknown, ...rest: unknown[]): unknown {
      return (method as Method).call(
        this,
        type,
        type === MESSAGE ? change(listener) : listener,
        ...rest,
      );
    },
  );
}

/** The same for `port.onmessage = listener`. */
function traceHandlerMember(port: object, wrap: (listener: unknown) => unknown): void {
  if (!("onmessage" in port)) return;
  let current: unknown = Reflect.get(port, "onmessage");
  const prototype: unknown = Object.getPrototypeOf(port);
  Object.defineProperty(port, "onmessage", {
    configurable: true,
    get: () => current,
    set(listener: unknown) {
      current = listener;
      Reflect.set(prototype as object, "onmessage", wrap(listener), port);
    },
  });
}
