import { BaggageAttributesSpanProcessor } from "./BaggageAttributesSpanProcessor.js";

/** What copies baggage to spans, for those who asked for it. */
export function baggageProcessors(
  keys: readonly string[],
): readonly BaggageAttributesSpanProcessor[] {
  return [new BaggageAttributesSpanProcessor(keys)];
}
