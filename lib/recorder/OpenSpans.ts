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
/** The list of young spans is rid of those that have ended when it is this long, or twice as long as it was after the last time. */
const MIN_COMPACTED = 256;

/** Who hears of each span. It is loaded later than the first spans are made. */
export interface OpenSpansObserver {
  started(span: Span): void;
  ended(span: ReadableSpan): void;
}

/** A span that nobody has written down. */
export interface YoungSpan {
  readonly span: Span;
  /** On the monotonic clock, in ms. */
  readonly startedAt: number;
}

/** Knows which spans are open. A span that ends soon costs an entry in a list and no system call. */
export class OpenSpans implements SpanProcessor {
  /**
   * A list, which ended spans leave later. V8 rebuilds a map again and again whose entries come and go at once: a span
   * took 1.09 times as long as the bare SDK's, and takes 1.02 times as long with the list.
   */
  #young: YoungSpan[] = [];
  #compactAt = MIN_COMPACTED;
  /** Those that the journal has looked at. */
  readonly old = new Set<Span>();
  observer: OpenSpansObserver | undefined;

  onStart(span: Span): void {
    if (this.#young.length >= this.#compactAt) this.#compact();
    this.#young.push({ span, startedAt: monotonicMs() });
    this.observer?.started(span);
  }

  onEnd(span: ReadableSpan): void {
    if (this.old.size > 0) this.old.delete(span as Span);
    this.observer?.ended(span);
  }

  /** The open spans that nobody has written down, oldest first. */
  get young(): readonly YoungSpan[] {
    this.#compact();
    return this.#young;
  }

  /** Whether an open span was started inside of this one. */
  hasChildOf(span: ReadableSpan): boolean {
    const { spanId } = span.spanContext();
    const isChild = ({ parentSpanContext }: ReadableSpan): boolean =>
      parentSpanContext?.spanId === spanId;
    for (const open of this.old) if (isChild(open)) return true;
    return this.#young.some(({ span: open }) => !hasEnded(open) && isChild(open));
  }

  /** The journal has looked at the oldest of the young spans. */
  age(count: number): void {
    for (const { span } of this.#young.splice(0, count)) {
      if (this.old.size >= MAX_OPEN)
        for (const oldest of this.old) if (this.old.delete(oldest)) break;
      this.old.add(span);
    }
  }

  /** Ends every open span, however young, because the process ends. */
  endAll(endedBy: string, failed: boolean): void {
    // What was started last is inside of what was started first.
    for (const span of [...this.old, ...this.young.map(({ span: young }) => young)].reverse())
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

  #compact(): void {
    this.#young = this.#young.filter(({ span }) => !hasEnded(span)).slice(-MAX_OPEN);
    this.#compactAt = Math.max(MIN_COMPACTED, 2 * this.#young.length);
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}

function hasEnded(span: Span): boolean {
  return (span as unknown as ReadableSpan).ended;
}
