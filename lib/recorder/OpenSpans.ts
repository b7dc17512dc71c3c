import { SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan, Span, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { ATTR_ERROR_TYPE } from "@opentelemetry/semantic-conventions";
import {
  ATTR_LAND_ENDED_BY,
  ATTR_LAND_UNFINISHED,
  PROCESS_DEATH,
} from "../resource/semanticConventions.js";
import { attempt } from "../shared/attempt.js";
import { monotonicMs } from "../shared/timers.js";

/** Open spans that are known, of each age; a host that never ends its spans must not fill the memory with them. */
const MAX_OPEN = 10_000;

/** Who hears of each span. It is loaded later than the first spans are made. */
export interface OpenSpansObserver {
  started(span: Span): void;
  ended(span: ReadableSpan): void;
}

/** Knows which spans are open. A span that ends soon costs an entry in a map and no system call. */
export class OpenSpans implements SpanProcessor {
  /** When each was started that nobody has written down, oldest first, on the monotonic clock. */
  readonly young = new Map<Span, number>();
  /** Those that the journal has looked at. */
  readonly old = new Set<Span>();
  observer: OpenSpansObserver | undefined;

  onStart(span: Span): void {
    if (this.young.size >= MAX_OPEN) forgetOldest(this.young);
    this.young.set(span, Math.round(monotonicMs()));
    this.observer?.started(span);
  }

  onEnd(span: ReadableSpan): void {
    if (!this.young.delete(span as Span)) this.old.delete(span as Span);
    this.observer?.ended(span);
  }

  /** Whether an open span was started inside of this one. */
  hasChildOf(span: ReadableSpan): boolean {
    const { spanId } = span.spanContext();
    const isChild = ({ parentSpanContext }: ReadableSpan): boolean =>
      parentSpanContext?.spanId === spanId;
    for (const open of this.old) if (isChild(open)) return true;
    for (const open of this.young.keys()) if (isChild(open)) return true;
    return false;
  }

  /** The journal has looked at a span. */
  age(span: Span): void {
    this.young.delete(span);
    if (this.old.size >= MAX_OPEN) forgetOldest(this.old);
    this.old.add(span);
  }

  /** Ends every open span, however young, because the process ends. */
  endAll(endedBy: string, failed: boolean): void {
    // What was started last is inside of what was started first.
    for (const span of [...this.old, ...this.young.keys()].reverse())
      attempt(() => {
        span.setAttributes({ [ATTR_LAND_UNFINISHED]: true, [ATTR_LAND_ENDED_BY]: endedBy });
        // What failed before has an error of its own.
        const { status } = span as unknown as ReadableSpan;
        if (failed && status.code !== SpanStatusCode.ERROR) {
          span.setAttribute(ATTR_ERROR_TYPE, PROCESS_DEATH);
          span.setStatus({ code: SpanStatusCode.ERROR });
        }
        span.end();
      });
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}

function forgetOldest(spans: Map<Span, number> | Set<Span>): void {
  for (const span of spans.keys()) {
    spans.delete(span);
    return;
  }
}
