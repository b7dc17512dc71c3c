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

/** Maximum open spans tracked, young and old each; a host that never ends its spans must not fill the memory. */
const MAX_OPEN = 10_000;
/** Ended spans are removed from the young list when it is this long and twice as long as after the last removal. */
const MIN_COMPACTED = 256;

/** Is notified when a span starts and ends. It is loaded after the first spans have started. */
export interface OpenSpansObserver {
  started(span: Span): void;
  ended(span: ReadableSpan): void;
}

/** A span that the journal has not checked. */
export interface YoungSpan {
  readonly span: Span;
  /** In ms of the monotonic clock. */
  readonly startedAt: number;
}

/** Tracks which spans are open. A span that ends soon costs one list entry and no system call. */
export class OpenSpans implements SpanProcessor {
  /**
   * A list, from which ended spans are removed later. V8 keeps rebuilding a map whose entries come and go quickly: with
   * a map a span took 1.09 times as long as with the bare SDK, and with the list it takes 1.02 times as long.
   */
  #young: YoungSpan[] = [];
  #compactAt = MIN_COMPACTED;
  /** Open spans that the journal has checked. */
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

  /** The open spans that the journal has not checked, oldest first. */
  get young(): readonly YoungSpan[] {
    this.#compact();
    return this.#young;
  }

  /** Whether an open span is a child of this one. */
  hasChildOf(span: ReadableSpan): boolean {
    const { spanId } = span.spanContext();
    const isChild = ({ parentSpanContext }: ReadableSpan): boolean =>
      parentSpanContext?.spanId === spanId;
    for (const open of this.old) if (isChild(open)) return true;
    return this.#young.some(({ span: open }) => !hasEnded(open) && isChild(open));
  }

  /** The journal has checked the `count` oldest young spans, which become old. */
  age(count: number): void {
    for (const { span } of this.#young.splice(0, count)) {
      if (this.old.size >= MAX_OPEN)
        for (const oldest of this.old) if (this.old.delete(oldest)) break;
      this.old.add(span);
    }
  }

  /** Ends every open span, however young, because the process is ending. */
  endAll(endedBy: string, failed: boolean): void {
    // Last first, because later spans are inside earlier ones.
    for (const span of [...this.old, ...this.young.map(({ span: young }) => young)].reverse())
      attempt(() => {
        span.setAttributes({ [ATTR_LAND_UNFINISHED]: true, [ATTR_LAND_ENDED_BY]: endedBy });
        // A span that has already failed has an error of its own.
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
