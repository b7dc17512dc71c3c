import { SpanKind, TraceFlags } from "@opentelemetry/api";
import type { ReadableSpan, Span } from "@opentelemetry/sdk-trace-base";
import type { Segment } from "../delivery/disk/Segment.js";
import { SegmentFolder } from "../delivery/disk/SegmentFolder.js";
import type { SegmentOwner } from "../delivery/disk/segmentOwner.js";
import type { Redactor } from "../redaction/Redactor.js";
import { attempt } from "../shared/attempt.js";
import {
  clearInterval,
  clearTimeout,
  monotonicMs,
  setInterval,
  setTimeout,
  wallMs,
} from "../shared/timers.js";
import { MAX_JOURNAL_BYTES } from "./deadRuns.js";
import type { OpenSpans, OpenSpansObserver } from "./OpenSpans.js";
import { formatLine, RECORDER_VERSION } from "./recordLine.js";
import { formatSpan } from "./spanLine.js";

/** Limit of a journal's unsettled lines, in bytes, so that the file can be rewritten while the old one still exists. */
const MAX_LIVE_BYTES = (3 / 8) * MAX_JOURNAL_BYTES;
const MAX_FILE_BYTES = MAX_JOURNAL_BYTES - MAX_LIVE_BYTES;
/** A journal below this size, in bytes, is not compacted: a write takes just as long, however small. */
const MIN_COMPACTED_BYTES = 64 * 1024;
/** Maximum lines per write, so that a burst of long spans does not block the event loop for more than a millisecond. */
const MAX_LINES_AT_ONCE = 32;
/** Minimum time between two checks of the open spans, in ms, so that many are written together. */
const MIN_PAUSE_MS = 10;
/** How often the process gives a sign of life while a journalled span is open, in ms. */
const BEAT_MS = 1_000;
/** Maximum generations of a span's ancestors to look for among the spans waiting for export. */
const MAX_ANCESTORS = 32;

/** What the journal is made of. */
export interface SpanJournalParts {
  readonly spans: OpenSpans;
  /** The folder of the pipe and destination. */
  readonly directory: string;
  readonly owner: SegmentOwner;
  readonly redactor: Redactor;
  /** The id of the run that this thread belongs to. */
  readonly run: string;
  /** How long a span must be open before it is journalled, in ms. */
  readonly openAfterMs: number;
  /** Whether spans of kind SERVER and CONSUMER are journalled at their start. */
  readonly handlersAtStart: boolean;
  /** Returns the spans that have ended and are not exported yet. */
  readonly waiting: () => readonly ReadableSpan[];
}

/**
 * Records which spans are open in a file of this thread, so that whoever finds the file after the process has died can
 * tell what it was doing. A span that has been open for a while gets a line, its end another and its export an
 * acknowledgement. The file is rewritten when most of it has been settled.
 */
export class SpanJournal implements OpenSpansObserver {
  readonly #parts: SpanJournalParts;
  /** The last line in the file for each span that is open, or has ended and is not exported yet. */
  readonly #lines = new Map<ReadableSpan, Buffer>();
  #lineBytes = 0;
  #head: Buffer | undefined;
  #file: Segment | undefined;
  #timer: NodeJS.Timeout | undefined;
  #beat: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(parts: SpanJournalParts) {
    this.#parts = parts;
    parts.spans.observer = this;
    if (parts.spans.young.length > 0) this.#timer = this.#lookIn(0);
  }

  started(span: Span): void {
    if (this.#isClosed) return;
    this.#timer ??= this.#lookIn(this.#parts.openAfterMs);
    if (this.#parts.handlersAtStart && isHandler(span)) this.#write([span], "open");
  }

  ended(span: ReadableSpan): void {
    if (!this.#lines.has(span)) return;
    // Without this span, its open children would be orphans.
    if (this.#parts.spans.hasChildOf(span)) this.#write([span], "end");
    else this.acknowledge([span]);
    this.#keepBeating();
  }

  /** Forgets spans that the journal need not report any more, such as those delivered or on disk elsewhere. */
  acknowledge(spans: readonly ReadableSpan[]): void {
    if (this.#lines.size === 0) return;
    const known = spans.filter((span) => this.#lines.has(span));
    if (known.length === 0) return;
    for (const span of known) this.#forget(span);
    this.#append([
      Buffer.from(formatLine({ ack: known.map((span) => span.spanContext().spanId) })),
    ]);
  }

  /** Stops writing. If the file contains unsettled spans it stays, for whoever reports dead processes. */
  close(): void {
    this.#stop();
    const file = this.#file;
    this.#file = undefined;
    if (this.#lines.size === 0) attempt(() => file?.remove());
    else attempt(() => file?.close());
    this.#lines.clear();
  }

  /** Deletes the file, so that no other process reports the spans in it. */
  discard(): void {
    this.#lines.clear();
    this.close();
  }

  #stop(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#beat);
  }

  #lookIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#look(), ms).unref();
  }

  /** Journals the spans that have been open for long enough, and schedules the next check. */
  #look(): void {
    const { spans, openAfterMs } = this.#parts;
    const now = monotonicMs();
    const due: ReadableSpan[] = [];
    let pause: number | undefined;
    for (const { span, startedAt } of spans.young) {
      const left = startedAt + openAfterMs - now;
      if (left > 0 || due.length >= MAX_LINES_AT_ONCE) {
        pause = due.length >= MAX_LINES_AT_ONCE ? 0 : Math.max(left, MIN_PAUSE_MS);
        break;
      }
      due.push(span);
    }
    spans.age(due.length);
    this.#timer = pause === undefined ? undefined : this.#lookIn(pause);
    if (due.length === 0) return;
    // A parent that has ended and waits for export would be lost with the process and leave an orphan.
    this.#write(this.#endedAncestors(due), "end");
    this.#write(due, "open");
    this.#keepBeating();
  }

  #endedAncestors(due: readonly ReadableSpan[]): ReadableSpan[] {
    const found: ReadableSpan[] = [];
    const waiting = this.#parts.waiting();
    if (waiting.length === 0) return found;
    const wanted = new Set(due.map((span) => span.parentSpanContext?.spanId));
    // Repeated per generation, because a parent may have ended before or after its own parent.
    for (let depth = 0; depth < MAX_ANCESTORS; depth++) {
      const more = waiting.filter(
        (span) => wanted.has(span.spanContext().spanId) && !this.#lines.has(span),
      );
      wanted.clear();
      for (const span of more) {
        if (found.includes(span)) continue;
        found.push(span);
        wanted.add(span.parentSpanContext?.spanId);
      }
      if (wanted.size === 0) break;
    }
    return found;
  }

  /** While a journalled span is open, the file's time is the last sign of life; reported spans end at that time. */
  #keepBeating(): void {
    if (this.#parts.spans.old.size === 0 || this.#isClosed) {
      clearInterval(this.#beat);
      this.#beat = undefined;
    } else
      this.#beat ??= setInterval(
        () => attempt(() => this.#file?.touch(new Date(wallMs()))),
        BEAT_MS,
      ).unref();
  }

  /** Writes the lines of spans. Unsampled spans are not exported, so they are not journalled either. */
  #write(spans: readonly ReadableSpan[], what: "open" | "end"): void {
    const added: Buffer[] = [];
    for (const span of spans) {
      const known = this.#lines.get(span)?.length ?? 0;
      const isReported = known > 0 && what === "open";
      if (isReported || (span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) continue;
      this.#head ??= attempt(() => this.#headOf(span));
      const line = attempt(() => Buffer.from(formatSpan(this.#parts.redactor, span, what)));
      const growth = (line?.length ?? 0) - known;
      if (line === undefined || this.#lineBytes + growth > MAX_LIVE_BYTES) {
        // There is no room for the line. An older line of the span must not leave it marked as open.
        this.acknowledge([span]);
        continue;
      }
      this.#lineBytes += growth;
      this.#lines.set(span, line);
      added.push(line);
    }
    if (added.length > 0) this.#append(added);
  }

  #headOf({ resource }: ReadableSpan): Buffer {
    const { attributes } = this.#parts.redactor.resource(resource);
    const journal = { v: RECORDER_VERSION, run: this.#parts.run };
    return Buffer.from(formatLine({ journal, attributes }));
  }

  #forget(span: ReadableSpan): void {
    this.#lineBytes -= this.#lines.get(span)?.length ?? 0;
    this.#lines.delete(span);
  }

  #append(lines: readonly Buffer[]): void {
    if (this.#isClosed) return;
    try {
      const size = this.#file?.size ?? 0;
      const bytes = Buffer.concat(lines);
      const isFull = size + bytes.length > MAX_FILE_BYTES;
      const isStale = size > MIN_COMPACTED_BYTES && size > 4 * this.#lineBytes;
      if (this.#file === undefined || isFull || isStale) this.#rewrite();
      else this.#file.append(bytes);
    } catch {
      // The disk accepts no more, so the file would soon show ended spans as open.
      this.discard();
    }
  }

  /** Replaces the file with a new one that contains only what is not settled. */
  #rewrite(): void {
    const old = this.#file;
    const content = Buffer.concat([this.#head ?? Buffer.alloc(0), ...this.#lines.values()]);
    const { directory, owner } = this.#parts;
    if (old === undefined) {
      const file = new SegmentFolder(directory, owner, "spans").create(false);
      file.append(content);
      this.#file = file;
      return;
    }
    const file = new SegmentFolder(directory, owner, "spans.new").create(false);
    file.append(content);
    old.close();
    file.rename(old.path);
    this.#file = file;
  }
}

function isHandler({ kind }: ReadableSpan): boolean {
  return kind === SpanKind.SERVER || kind === SpanKind.CONSUMER;
}
