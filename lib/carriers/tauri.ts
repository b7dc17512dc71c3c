import { attempt } from "../shared/attempt.js";
import { globalState } from "../shared/globalState.js";
import type { CrossingCall, OpenCall } from "../shared/OpenCall.js";
import { readMember } from "../shared/readMember.js";

/** `invoke` of `@tauri-apps/api/core`, or a function of that shape. */
export type TauriInvoke = (command: string, args?: never, options?: never) => Promise<unknown>;

/** `listen` or `once` of `@tauri-apps/api/event` or of a window, or a function of that shape. */
export type TauriListen = (event: never, handler: never, options?: never) => Promise<unknown>;

/** How invokes carry their trace. */
export interface TraceInvokeOptions {
  /**
   * Where Mountain finds the carrier: in the `headers` of Tauri's InvokeOptions, or at the top level of the
   * `arguments`, as `_traceparent`, `_tracestate` and `_baggage`. Default: `headers`.
   */
  readonly carrier?: "headers" | "arguments";
}

type HeadersGiven = ConstructorParameters<typeof Headers>[0];

/**
 * Wraps Tauri's `invoke`: each call is a client span `land:<tier>:ipc:invoke` of the page's telemetry and carries its
 * context. `rpc.method` is `command`, or `command/method` when the arguments have a string `method`. A rejection is
 * recorded and passed on. Without `register`, and in a release, `invoke` is called as it is. Anything but a function
 * is returned as it is.
 *
 * @returns A function of the same name, length, members and type.
 */
export function traceInvoke<Invoke extends TauriInvoke>(
  invoke: Invoke,
  options: TraceInvokeOptions = {},
): Invoke {
  if (!isUsable(invoke)) return invoke;
  return new Proxy(invoke, {
    apply(target, self, args: unknown[]) {
      const [command, payload, more] = args;
      const method = readMember(payload, "method");
      const name = typeof command === "string" ? command : typeof command;
      const call = open("ipc:invoke", "client", {
        "rpc.system.name": "tauri",
        "rpc.method": typeof method === "string" ? `${name}/${method}` : name,
      });
      if (call === undefined) return Reflect.apply(target, self, args) as unknown;
      const carried = attempt(() =>
        options.carrier === "arguments"
          ? [command, withKeys(payload, call.carrier), more]
          : [command, payload, withHeaders(more, call.carrier)],
      );
      const given = carried === undefined ? args : [...carried, ...args.slice(3)];
      return call.run(() => Reflect.apply(target, self, given) as unknown);
    },
  });
}

/**
 * Wraps Tauri's `listen`: a handler whose event brings a context, as Mountain puts it at the top level of a payload,
 * runs in a consumer span `land:<tier>:ipc:event` under it. Other events, and the payload, are passed on as they are.
 *
 * @returns A function of the same name, length, members and type.
 */
export function traceListen<Listen extends TauriListen>(listen: Listen): Listen {
  if (!isUsable(listen)) return listen;
  return new Proxy(listen, {
    apply(target, self, [event, handler, ...rest]: unknown[]) {
      const traced =
        typeof handler === "function" ? new Proxy(handler, { apply: handleEvent }) : handler;
      return Reflect.apply(target, self, [event, traced, ...rest]) as unknown;
    },
  });
}

/** Whether this is a function that can be wrapped; every use of a revoked proxy throws. */
function isUsable(given: unknown): boolean {
  return typeof given === "function" && attempt(() => Reflect.getPrototypeOf(given)) !== undefined;
}

function handleEvent(target: object, self: unknown, args: unknown[]): unknown {
  const work = (): unknown => Reflect.apply(target as () => unknown, self, args);
  const name = readMember(args[0], "event");
  const attributes = typeof name === "string" ? { "messaging.destination.name": name } : {};
  const payload = readMember(args[0], "payload") ?? null;
  const call = open("ipc:event", "consumer", attributes, payload);
  return call === undefined ? work() : call.run(work);
}

function open(...call: Parameters<OpenCall>): CrossingCall | undefined {
  return attempt(() => globalState().openCall?.(...call));
}

/** Tauri accepts Headers, pairs or an object, but where its own protocol is blocked it passes on only an object. */
function withHeaders(options: unknown, carrier: Readonly<Record<string, string>>): object {
  const given = readMember(options, "headers") as HeadersGiven;
  return { ...(options as object), headers: { ...headersOf(given), ...carrier } };
}

function headersOf(given: HeadersGiven): object {
  const pairs: [string, string][] = [];
  new Headers(given).forEach((value, name) => pairs.push([name, value]));
  return Object.fromEntries(pairs);
}

/** Only a plain object can take more keys; bytes and lists cannot. */
function withKeys(payload: unknown, carrier: Readonly<Record<string, string>>): unknown {
  const prototype: unknown = Object.getPrototypeOf(payload ?? Object.prototype);
  if (prototype !== null && prototype !== Object.prototype) return payload;
  const keys = Object.entries(carrier).map(([name, value]) => [`_${name}`, value]);
  return { ...(payload as object), ...(Object.fromEntries(keys) as object) };
}
