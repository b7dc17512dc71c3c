import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from "@opentelemetry/api";
import { loadPropagator } from "./loadPropagator.js";

/** The propagator of a tier, loaded when it is first used: many processes start before they speak to another. */
export function lazyPropagator(): TextMapPropagator {
  let loaded: TextMapPropagator | undefined;
  const propagator = (): TextMapPropagator => (loaded ??= loadPropagator().createPropagator());
  return {
    inject: (context: Context, carrier: unknown, setter: TextMapSetter) =>
      propagator().inject(context, carrier, setter),
    extract: (context: Context, carrier: unknown, getter: TextMapGetter) =>
      propagator().extract(context, carrier, getter),
    fields: () => propagator().fields(),
  };
}
