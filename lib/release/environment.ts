import type { Context } from "@opentelemetry/api";
import type { Environment } from "../carriers/environment.js";

/** A context that holds what is put into it, since a host may keep values of its own there. */
function contextOf(values: Readonly<Record<symbol, unknown>>): Context {
  return {
    getValue: (key) => values[key],
    setValue: (key, value) => contextOf({ ...values, [key]: value }),
    deleteValue: (key) => contextOf({ ...values, [key]: undefined }),
  };
}

/** A copy of the environment, for a child process; what is undefined there is left out. */
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

/** An empty context. */
export function parentContext(env?: Environment): Context;
export function parentContext(): Context {
  return /* @__PURE__ */ contextOf({});
}
