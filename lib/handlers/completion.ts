import type { Context } from "@opentelemetry/api";
import { context, diag } from "@opentelemetry/api";
import type { Runtime } from "../shared/Runtime.js";
import type { HandlerOptions } from "./HandlerOptions.js";

/**
 * What captures `land:<tier>:handler:complete` at the end of a run, when that was asked for. The event is
 * taken in the handler's context, so that it carries the ids of the handler's span.
 */
export function completion(
  runtime: Runtime,
  method: string,
  { complete }: HandlerOptions,
  handlerContext: Context,
): ((ok: boolean) => void) | undefined {
  if (complete === undefined || complete === false) return undefined;
  const feature = typeof complete === "string" && complete !== "" ? complete : method;
  const start = performance.now();
  return (ok) => {
    const properties = { feature, duration_ms: performance.now() - start, ok };
    try {
      context.with(handlerContext, () =>
        runtime.captureEvent(`land:${runtime.tier}:handler:complete`, properties),
      );
    } catch (error) {
      diag.error("land-telemetry: a handler's completion could not be captured", error);
    }
  };
}
