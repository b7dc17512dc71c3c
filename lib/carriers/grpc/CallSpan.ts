import type { Attributes, Context, Span, SpanKind } from "@opentelemetry/api";
import { SpanStatusCode, trace } from "@opentelemetry/api";
import { ATTR_ERROR_TYPE } from "@opentelemetry/semantic-conventions";
import { adoptMark, formatMark, outgoingMark } from "../../failures/mark.js";
import { recordFailure } from "../../failures/recordFailure.js";
import {
  ATTR_LAND_CANCELLED,
  ATTR_RPC_METHOD,
  ATTR_RPC_STATUS_CODE,
  ATTR_RPC_SYSTEM_NAME,
} from "../../resource/semanticConventions.js";
import type { Runtime } from "../../shared/Runtime.js";
import type { GrpcInterceptorOptions, ResponseFailure } from "./GrpcInterceptorOptions.js";
import { OK, statusName } from "./grpcStatus.js";

const OTHER = "_OTHER";

/** How a call came out, as one side sees it. */
export interface CallOutcome {
  readonly code: number;
  readonly details: string;
  /** Whether the status is an error for this side. */
  readonly failed: boolean;
  /** Whether the caller asked for the end; then nothing failed. */
  readonly cancelled: boolean;
  /** The `land-counted` value that came with the outcome, unchecked. */
  readonly mark?: unknown;
}

/** The span of one call on one side, which a status ends, once. */
export class CallSpan {
  /** The context in which the span is the active one. */
  readonly context: Context;
  private readonly span: Span;
  private responseFailure: ResponseFailure | Error | undefined;
  private ended = false;

  constructor(
    runtime: Runtime,
    private readonly method: string,
    kind: SpanKind,
    parent: Context,
    private readonly options: GrpcInterceptorOptions,
  ) {
    const attributes: Attributes = { [ATTR_RPC_SYSTEM_NAME]: "grpc", [ATTR_RPC_METHOD]: method };
    this.span = runtime.tracer.startSpan(
      method,
      {
        kind,
        attributes:
          options.attributes === undefined ? attributes : { ...options.attributes, ...attributes },
      },
      parent,
    );
    this.context = trace.setSpan(parent, this.span);
  }

  get hasEnded(): boolean {
    return this.ended;
  }

  get spanId(): string {
    return this.span.spanContext().spanId;
  }

  /** The mark this span's own failure would have; undefined when nobody could count it. */
  get ownMark(): string | undefined {
    const { traceId, spanId } = this.span.spanContext();
    return this.span.isRecording() ? formatMark(traceId, spanId) : undefined;
  }

  /** Looks at a response message; the first that reports a failure is the call's failure. */
  noteResponse(response: unknown): void {
    const { failureFromResponse } = this.options;
    if (failureFromResponse === undefined || this.responseFailure !== undefined) return;
    try {
      this.responseFailure = failureFromResponse(response, this.method);
    } catch {
      // The caller's function failed, not the call.
    }
  }

  /** Ends the span and returns the mark to hand on when its failure was counted. Later calls do nothing. */
  end(outcome: CallOutcome): string | undefined {
    if (this.ended) return undefined;
    this.ended = true;
    const { span } = this;
    try {
      const failed = this.applyOutcome(outcome);
      // The own mark coming back says only that the other side leaves the counting to this one.
      if (failed && outcome.mark !== this.ownMark)
        adoptMark(outcome.mark, span, span.spanContext().traceId);
      span.end();
      return failed ? outgoingMark(span) : undefined;
    } catch {
      // A span processor of the host may throw; the call goes on.
      return undefined;
    }
  }

  private applyOutcome(outcome: CallOutcome): boolean {
    const name = statusName(outcome.code);
    this.span.setAttribute(ATTR_RPC_STATUS_CODE, name);
    if (outcome.cancelled) {
      this.span.setAttribute(ATTR_LAND_CANCELLED, true);
      return false;
    }
    if (outcome.failed) {
      this.fail(name, outcome.details);
      return true;
    }
    if (outcome.code !== OK || this.responseFailure === undefined) return false;
    if (this.responseFailure instanceof Error) recordFailure(this.span, this.responseFailure);
    else this.fail(this.responseFailure.type ?? OTHER, this.responseFailure.message);
    return true;
  }

  private fail(type: string, message: string): void {
    this.span.setAttribute(ATTR_ERROR_TYPE, type);
    this.span.setStatus(
      message === "" ? { code: SpanStatusCode.ERROR } : { code: SpanStatusCode.ERROR, message },
    );
  }
}
