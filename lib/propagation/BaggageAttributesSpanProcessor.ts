import type { Context, Span } from "@opentelemetry/api";
import { propagation } from "@opentelemetry/api";

/**
 * Copies allowed baggage entries of the parent context to the attributes of each span that starts. The keys are a
 * plain list without patterns, because baggage comes from outside and what is copied is sent. Fits the span processor
 * interface of SDK 2.x and 3.x.
 */
export class BaggageAttributesSpanProcessor {
  readonly #keys: readonly string[];

  /** `keys`: the baggage keys to copy, each to the attribute of the same name. */
  constructor(keys: readonly string[]) {
    this.#keys = [...keys];
  }

  onStart(span: Span, parentContext: Context): void {
    const baggage = propagation.getBaggage(parentContext);
    if (baggage === undefined) return;
    for (const key of this.#keys) {
      const entry = baggage.getEntry(key);
      if (entry !== undefined) span.setAttribute(key, entry.value);
    }
  }

  onEnd(): void {
    // Attributes can only be set while a span is open.
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}
