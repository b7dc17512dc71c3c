import type { ReadableSpan, Span, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { MirrorSpanProcessor } from "./posthog/MirrorSpanProcessor.js";
import type { OtlpPipe } from "./tracing/OtlpPipe.js";

/**
 * The processors of both pipes as one: for each processor that it is given, the SDK allocates at every start and
 * end of a span.
 */
export function joinProcessors(
  mirror: MirrorSpanProcessor | undefined,
  pipe: OtlpPipe | undefined,
): readonly SpanProcessor[] {
  if (mirror === undefined) return pipe === undefined ? [] : [pipe];
  return pipe === undefined ? [mirror] : [new BothPipes(mirror, pipe)];
}

class BothPipes implements SpanProcessor {
  readonly #mirror: MirrorSpanProcessor;
  readonly #pipe: OtlpPipe;

  constructor(mirror: MirrorSpanProcessor, pipe: OtlpPipe) {
    this.#mirror = mirror;
    this.#pipe = pipe;
  }

  onStart(span: Span): void {
    this.#mirror.onStart(span);
  }

  onEnding(span: Span): void {
    this.#mirror.onEnding(span);
  }

  onEnd(span: ReadableSpan): void {
    this.#mirror.onEnd(span);
    this.#pipe.onEnd(span);
  }

  async forceFlush(): Promise<void> {
    await Promise.all([this.#mirror.forceFlush(), this.#pipe.forceFlush()]);
  }

  async shutdown(): Promise<void> {
    await Promise.all([this.#mirror.shutdown(), this.#pipe.shutdown()]);
  }
}
