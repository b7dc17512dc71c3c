import type { Context } from "@opentelemetry/api";
import { ROOT_CONTEXT } from "@opentelemetry/api";
import type { Environment } from "./environmentCarrier.js";
import { CARRIER_VARIABLES, environmentGetter } from "./environmentCarrier.js";
import { extractWith } from "./propagate.js";

/**
 * The context that the parent process handed over in `TRACEPARENT`, `TRACESTATE` and `BAGGAGE`
 * (https://opentelemetry.io/docs/specs/otel/context/env-carriers/); the root context when there is none.
 * Never throws.
 *
 * It is the parent of the session span. Giving it to every other root of the process would put hours of
 * work into one trace.
 *
 * @param env Defaults to `process.env`.
 */
export function parentContext(env: Environment = process.env): Context {
  // Most processes are started by something that hands nothing over.
  if (isBare(env)) return ROOT_CONTEXT;
  return extractWith(ROOT_CONTEXT, env, environmentGetter);
}

function isBare(env: Environment): boolean {
  try {
    return CARRIER_VARIABLES.every((name) => env[name] === undefined);
  } catch {
    // An object of somebody's own, that throws when it is read.
    return false;
  }
}
