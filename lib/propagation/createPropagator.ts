import type { TextMapPropagator } from "@opentelemetry/api";
import type { PropagatorName } from "../config/readStandard.js";
import { StrictBaggagePropagator } from "./StrictBaggagePropagator.js";
import { StrictTraceContextPropagator } from "./StrictTraceContextPropagator.js";
import { report } from "../shared/report.js";

const MAKERS: Readonly<Record<PropagatorName, () => TextMapPropagator>> = {
  tracecontext: () => new StrictTraceContextPropagator(),
  baggage: () => new StrictBaggagePropagator(),
};

/**
 * The propagator of a tier: W3C trace context and baggage, made strict. It passes the whole W3C trace-context suite,
 * never throws, and writes nothing that the grammar forbids. If one part fails on a carrier, the other still applies.
 */
export function createPropagator(
  names: readonly PropagatorName[] = ["tracecontext", "baggage"],
): TextMapPropagator {
  const propagators = names.map((name) => MAKERS[name]());
  return {
    inject(context, carrier, setter) {
      for (const propagator of propagators)
        attempt(() => propagator.inject(context, carrier, setter));
    },
    extract: (context, carrier, getter) =>
      propagators.reduce(
        (known, propagator) => attempt(() => propagator.extract(known, carrier, getter)) ?? known,
        context,
      ),
    fields: () => propagators.flatMap((propagator) => propagator.fields()),
  };
}

function attempt<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch (error) {
    report("debug", "a carrier could not be used", error);
    return undefined;
  }
}
