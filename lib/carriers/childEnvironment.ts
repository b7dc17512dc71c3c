import type { Context } from "@opentelemetry/api";
import { context as contextApi, propagation } from "@opentelemetry/api";
import { ATTR_SESSION_ID } from "../resource/semanticConventions.js";
import { globalState } from "../shared/globalState.js";
import type { Environment } from "./environmentCarrier.js";
import { CARRIER_VARIABLES, environmentSetter } from "./environmentCarrier.js";
import { parentContext } from "./parentContext.js";
import { injectWith } from "./propagate.js";

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
    child = Object.fromEntries(Object.entries(env).filter(isForChild));
    injectWith(withRunBaggage(env, context), child, environmentSetter);
  } catch {
    // An environment that cannot be read is as good as empty.
  }
  return child;
}

/** The child belongs to the run of this process, whatever run a trace or an unusable variable names. */
function withRunBaggage(env: Environment, context: Context): Context {
  const baggage = propagation.getBaggage(context) ?? propagation.getBaggage(parentContext(env));
  const sessionId = globalState().runtime?.sessionId;
  if (sessionId === undefined || sessionId === "")
    return baggage === undefined ? context : propagation.setBaggage(context, baggage);
  return propagation.setBaggage(
    context,
    (baggage ?? propagation.createBaggage()).setEntry(ATTR_SESSION_ID, { value: sessionId }),
  );
}

function isForChild(variable: [string, string | undefined]): variable is [string, string] {
  return typeof variable[1] === "string" && !isCarrierVariable(variable[0]);
}

/** Windows does not tell `TraceParent` from `TRACEPARENT`. */
function isCarrierVariable(name: string): boolean {
  return CARRIER_VARIABLES.includes(process.platform === "win32" ? name.toUpperCase() : name);
}
