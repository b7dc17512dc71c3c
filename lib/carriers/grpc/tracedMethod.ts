import { globalState } from "../../shared/globalState.js";
import type { Runtime } from "../../shared/Runtime.js";
import type { GrpcInterceptorOptions } from "./GrpcInterceptorOptions.js";

/** A call that gets a span: the telemetry to use and the full method, `package.Service/Method`. */
export interface TracedMethod {
  readonly runtime: Runtime;
  readonly method: string;
}

/** Whether a call of this path gets a span; undefined when telemetry is off or the options ignore it. */
export function tracedMethod(
  path: string,
  options: GrpcInterceptorOptions,
): TracedMethod | undefined {
  const { runtime } = globalState();
  if (runtime?.tracing !== true) return undefined;
  const method = path.startsWith("/") ? path.slice(1) : path;
  try {
    if (options.ignore?.(method) === true) return undefined;
  } catch {
    // The caller's function failed: trace rather than lose the call.
  }
  return { runtime, method };
}
