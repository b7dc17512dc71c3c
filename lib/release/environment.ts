import type { Context } from "@opentelemetry/api";
import type { Environment } from "../carriers/environment.js";

/** A context that keeps what is put into it, since a host may store values of its own there. */
function contextOf(values: Readonly<Record<symbol, unknown>>): Context {
  return {
    getValue: (key) => values[key],
    setValue: (key, value) => contextOf({ ...values, [key]: value }),
    deleteValue: (key) => contextOf({ ...values, [key]: undefined }),
  };
}

/** Returns a copy of the environment for a child process, without the variables that are undefined. */
export function childEnvironment(env?: Environment, context?: Context): Record<string, string>;
export function childEnvironment(env?: Environment): Record<string, string> {
  return /* @__PURE__ */ copyOf(env);
}

function copyOf(env: Environment = process.env): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ ...env }).filter(
      (variable): variable is [string, string] => typeof variable[1] === "string",
    ),
  );
}

/** Returns an empty context. */
export function parentContext(env?: Environment): Context;
export function parentContext(): Context {
  return /* @__PURE__ */ contextOf({});
}
