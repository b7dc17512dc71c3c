import type { Context } from "@opentelemetry/api";
import type { ReadableSpan, Span, SpanProcessor } from "@opentelemetry/sdk-trace-base";

/** The default queue size of the BatchSpanProcessor. */
const MAX_HELD = 2_048;

/** Holds the spans that end before the processors are loaded, then hands these and all later spans to them. */
export class HeldSpans implements SpanProcessor {
  readonly #held: ReadableSpan[] = [];
  #next: readonly SpanProcessor[] | undefined;
  /** Number of spans dropped because there was no room for them. */
  lost = 0;

  get count(): number {
    return this.#held.length + this.lost;
  }

  handOver(processors: readonly SpanProcessor[]): void {
    this.#next = processors;
    for (const span of this.#held.splice(0)) for (const each of processors) each.onEnd(span);
  }

  onStart(span: Span, parent: Context): void {
    for (const each of this.#next ?? []) each.onStart(span, parent);
  }

  onEnding(span: Span): void {
    for (const each of this.#next ?? []) each.onEnding?.(span);
  }

  onEnd(span: ReadableSpan): void {
    if (this.#next !== undefined) for (const each of this.#next) each.onEnd(span);
    else if (this.#held.length < MAX_HELD) this.#held.push(span);
    else this.lost += 1;
  }

  async forceFlush(): Promise<void> {
    await Promise.all((this.#next ?? []).map((each) => each.forceFlush()));
  }

  async shutdown(): Promise<void> {
    await Promise.all((this.#next ?? []).map((each) => each.shutdown()));
  }
}
