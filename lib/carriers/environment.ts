import type { Context, TextMapGetter } from "@opentelemetry/api";
import { context as contextApi, propagation, ROOT_CONTEXT } from "@opentelemetry/api";
import { EnvironmentSetter } from "@opentelemetry/propagator-env-carrier";
import { ATTR_SESSION_ID } from "../resource/semanticConventions.js";
import { globalState } from "../shared/globalState.js";
import { isObject } from "../shared/isObject.js";
import { extractWith, injectWith } from "./propagate.js";

/** The variables of a process, as `process.env` holds them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variables of trace context and baggage, by OpenTelemetry's environment carrier rules. */
const VARIABLES: readonly string[] = ["TRACEPARENT", "TRACESTATE", "BAGGAGE"];

/** Reads any environment; the official getter reads that of this process only. */
const environmentGetter: TextMapGetter<Environment> = {
  get: (environment, name) => environment[name.toUpperCase()],
  keys: (environment) => Object.keys(environment),
};

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
  return extractWith(ROOT_CONTEXT, env, environmentGetter);
}

/**
 * The environment for a child process: a copy of `env` with `TRACEPARENT`, `TRACESTATE` and `BAGGAGE` of
 * the context. What `env` held under the first two is left out also when there is no span, since it is this
 * process's own parent; its baggage stays unless the context has one. The baggage holds `session.id`, so
 * that all tiers of a run share it. Does not change `env`; never throws.
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
    // An environment that cannot be read is as good as empty.
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
  // Windows does not tell `TraceParent` from `TRACEPARENT`.
  const known = process.platform === "win32" ? name.toUpperCase() : name;
  return typeof value === "string" && !VARIABLES.includes(known);
}
