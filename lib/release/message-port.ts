import type { Context } from "@opentelemetry/api";
import type { Port } from "../carriers/messagePort/tracePort.js";

/** A context that keeps what is put into it, since a host may store values of its own there. */
function contextOf(values: Readonly<Record<symbol, unknown>>): Context {
  return {
    getValue: (key) => values[key],
    setValue: (key, value) => contextOf({ ...values, [key]: value }),
    deleteValue: (key) => contextOf({ ...values, [key]: undefined }),
  };
}

/** Returns the port. */
export function tracePort<P extends Port>(port: P): P {
  return port;
}

/** Returns the data. */
export function injectWorkerData(data?: unknown, context?: Context): unknown;
export function injectWorkerData(data?: unknown): unknown {
  return data;
}

/** Returns the context, or an empty one. */
export function workerContext(context?: Context): Context {
  return context ?? /* @__PURE__ */ contextOf({});
}

/** Resolves to false: this tier delivers nothing. */
export function acceptRelayed(body: unknown): Promise<boolean>;
export function acceptRelayed(): Promise<boolean> {
  return /* @__PURE__ */ Promise.resolve(false);
}
