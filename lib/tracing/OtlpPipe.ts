import type { ExportResult } from "@opentelemetry/core";
import { ExportResultCode } from "@opentelemetry/core";
import { SpanStatusCode, TraceFlags } from "@opentelemetry/api";
import { getNumberFromEnv } from "@opentelemetry/core";
import { BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { ReadableSpan, SpanExporter, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { Configuration } from "../config/Configuration.js";
import type { Courier } from "../delivery/Courier.js";
import type { Ledger } from "../delivery/Ledger.js";
import type { Parcel } from "../delivery/Parcel.js";
import type { Redactor } from "../redaction/Redactor.js";
import { isObject } from "../shared/isObject.js";
import { randomUuid } from "../shared/builtins.js";
import { loadOtlpExporter } from "./loadOtlpExporter.js";
import { loadOtlpJson } from "./loadOtlpJson.js";

/** A queue larger than this is spilled in parts: what serialising leaves behind is then collected young, which is a fifth faster. */
const MAX_SPANS_PER_RECORD = 512;

/** What the pipe is made of. */
export interface OtlpPipeParts {
  readonly settings: Pick<Configuration["otlp"], "protocol"> & { readonly timeoutMillis: number };
  readonly redactor: Redactor;
  readonly ledger: Ledger;
  /** Made when a batch first needs it; undefined while it cannot be made. */
  readonly courier: () => Courier | undefined;
}

/**
 * The OTLP pipe: the official BatchSpanProcessor keeps the queue, the batch and the window; what it exports goes
 * to an exporter that always answers, in time, because a batch that cannot be delivered goes to the spool.
 *
 * A span is counted when it ends and again when its batch is exported, so that the processor's own queue is
 * known without a second set of spans. When the queue nears its bound, where the processor would drop the newest
 * span, all of it is spilled: `forceFlush` hands the queue over in the same tick.
 */
export class OtlpPipe implements SpanProcessor, SpanExporter {
  readonly #parts: OtlpPipeParts;
  readonly #batches: BatchSpanProcessor;
  readonly #bound: number;
  #exporter: SpanExporter | undefined;
  #queued = 0;
  #spilling = false;
  #closed = false;

  constructor(parts: OtlpPipeParts) {
    this.#parts = parts;
    this.#bound = getNumberFromEnv("OTEL_BSP_MAX_QUEUE_SIZE") ?? 2_048;
    this.#batches = new BatchSpanProcessor(this);
  }

  onStart(): void {
    // Nothing is known of a span before it ends.
  }

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    this.#parts.ledger.accept(1);
    if (this.#closed) {
      this.#spill([span]);
      return;
    }
    if (this.#queued >= this.#bound) this.spill();
    this.#queued += 1;
    this.#batches.onEnd(span);
  }

  /**
   * For BatchSpanProcessor. Answers before it returns, whatever becomes of the batch, which is the courier's from
   * then on: a processor that waits holds the process for as long as the far end is silent, and queues meanwhile.
   */
  export(spans: ReadableSpan[], answer: (result: ExportResult) => void): void {
    this.#queued -= spans.length;
    if (this.#spilling) this.#spill(spans);
    else this.#send(spans);
    answer({ code: ExportResultCode.SUCCESS });
  }

  /** Writes what is queued to the spool, at once. */
  spill(): void {
    this.#spilling = true;
    try {
      // Runs `export` for every queued batch before it returns.
      void this.#batches.forceFlush().catch(() => undefined);
    } finally {
      this.#spilling = false;
    }
  }

  /** What the last moment of the process would else have to load and to find out, tried on an ended span; see `prepareLater`. */
  preparations(sample: unknown): readonly (() => void)[] {
    const { redactor } = this.#parts;
    return [
      () => void loadOtlpJson(),
      () => {
        if (isReadable(sample)) loadOtlpJson().serialiseSpans([sample], redactor);
      },
      () => void loadOtlpExporter(),
    ];
  }

  /** Hands what is queued to the courier, at once. */
  release(): void {
    void this.#batches.forceFlush().catch(() => undefined);
  }

  /** For the provider: resolves when each batch is delivered, spooled or dropped. */
  async forceFlush(): Promise<void> {
    this.release();
    await this.#parts.courier()?.drain(this.#parts.settings.timeoutMillis);
  }

  /** After this, ended spans go straight to the spool. Called twice: by the provider, and back by BatchSpanProcessor. */
  async shutdown(): Promise<void> {
    if (this.#closed) return;
    this.release();
    this.#closed = true;
    await this.#batches.shutdown().catch(() => undefined);
    await this.#parts.courier()?.drain(this.#parts.settings.timeoutMillis);
  }

  #send(spans: ReadableSpan[]): void {
    try {
      this.#exporter ??= this.#createExporter();
      this.#exporter.export(spans, () => undefined);
    } catch {
      this.#parts.ledger.drop("unserialisable", spans.length, "pending");
    }
  }

  #spill(spans: readonly ReadableSpan[]): void {
    const failed = spans.filter((span) => span.status.code === SpanStatusCode.ERROR);
    const ordinary =
      failed.length === 0
        ? spans
        : spans.filter((span) => span.status.code !== SpanStatusCode.ERROR);
    // Apart, so that the spool can drop ordinary spans first.
    for (const kind of [ordinary, failed]) {
      for (let start = 0; start < kind.length; start += MAX_SPANS_PER_RECORD) {
        const part = kind.slice(start, start + MAX_SPANS_PER_RECORD);
        const parcel = this.#serialise(part, kind === failed);
        const courier = this.#parts.courier();
        if (parcel !== undefined && courier !== undefined) courier.spill([parcel]);
        else
          this.#parts.ledger.drop(
            parcel === undefined ? "unserialisable" : "not_started",
            part.length,
            "pending",
          );
      }
    }
  }

  #serialise(spans: readonly ReadableSpan[], urgent: boolean): Parcel | undefined {
    try {
      const request = loadOtlpJson().serialiseSpans(spans, this.#parts.redactor);
      return { id: randomUuid(), count: spans.length, urgent, ...request };
    } catch {
      return undefined;
    }
  }

  #createExporter(): SpanExporter {
    const { settings, courier, ledger, redactor } = this.#parts;
    return loadOtlpExporter().createOtlpExporter({
      redactor,
      protocol: settings.protocol,
      timeoutMs: settings.timeoutMillis,
      send: (parcel) => {
        const made = courier();
        if (made === undefined) ledger.drop("not_started", parcel.count, "pending");
        else void made.send([parcel]);
      },
      onUnserialisable: (count) => ledger.drop("unserialisable", count, "pending"),
    });
  }
}

/** Not so a span that the sampler left out, or one of a foreign provider. */
function isReadable(span: unknown): span is ReadableSpan {
  return isObject(span) && "resource" in span && "instrumentationScope" in span;
}
