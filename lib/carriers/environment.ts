import type { Context, TextMapGetter } from "@opentelemetry/api";
import { context as contextApi, propagation, ROOT_CONTEXT } from "@opentelemetry/api";
import { EnvironmentSetter } from "@opentelemetry/propagator-env-carrier";
import { ATTR_SESSION_ID } from "../resource/semanticConventions.js";
import { globalState } from "../shared/globalState.js";
import { isObject } from "../shared/isObject.js";
import { extractWith, injectWith } from "./propagate.js";

/** The variables of a process, in the shape of `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variables of trace context and baggage, as in the specification of OpenTelemetry's environment carriers. */
const VARIABLES: readonly string[] = ["TRACEPARENT", "TRACESTATE", "BAGGAGE"];

/** Reads any environment; the official getter reads only this process's. */
const environmentGetter: TextMapGetter<Environment> = {
  get: (environment, name) => environment[name.toUpperCase()],
  keys: (environment) => Object.keys(environment),
};

/**
 * The context that the parent process passed in `TRACEPARENT`, `TRACESTATE` and `BAGGAGE`
 * (https://opentelemetry.io/docs/specs/otel/context/env-carriers/); the root context when there is none. Never
 * throws.
 *
 * It is the parent of the session span. Making it the parent of every other root of the process would put hours of
 * work into one trace.
 *
 * @param env Defaults to `process.env`.
 */
export function parentContext(env: Environment = process.env): Context {
  return extractWith(ROOT_CONTEXT, env, environmentGetter);
}

/**
 * The environment for a child process: a copy of `env` with `TRACEPARENT`, `TRACESTATE` and `BAGGAGE` of the context.
 * The first two are removed from the copy even when there is no span, since they name this process's own parent; the
 * baggage of `env` stays unless the context has its own. The baggage holds `session.id`, so that all tiers of a run
 * share it. Does not change `env`; never throws.
 *
 * @param env Defaults to `process.env`.
 * @param context Defaults to the active context.
 */
export function childEnvironment(
  env: Environment = process.env,
  context: Context = contextApi.active(),
): Record<string, string> {
  let child: Record<string, string> = {};
  try {
    child = Object.fromEntries(isObject(env) ? Object.entries(env).filter(isForChild) : []);
    injectWith(withSessionBaggage(env, context), undefined, new EnvironmentSetter(child));
  } catch {
    // An environment that cannot be read counts as empty.
  }
  return child;
}

/** The child belongs to this process's session, whatever session a trace or an unusable variable names. */
function withSessionBaggage(env: Environment, context: Context): Context {
  let baggage = propagation.getBaggage(context) ?? propagation.getBaggage(parentContext(env));
  const value = globalState().runtime?.sessionId ?? "";
  if (value !== "")
    baggage = (baggage ?? propagation.createBaggage()).setEntry(ATTR_SESSION_ID, { value });
  return baggage === undefined ? context : propagation.setBaggage(context, baggage);
}

function isForChild(variable: [string, string | undefined]): variable is [string, string] {
  const [name, value] = variable;
  // Windows does not distinguish `TraceParent` from `TRACEPARENT`.
  const known = process.platform === "win32" ? name.toUpperCase() : name;
  return typeof value === "string" && !VARIABLES.includes(known);
}
