import type { Attributes, Context, Span, SpanKind } from "@opentelemetry/api";
import { SpanStatusCode, trace } from "@opentelemetry/api";
import { ATTR_ERROR_TYPE } from "@opentelemetry/semantic-conventions";
import {
  isCancelledBelow,
  isGrpcCancellation,
  recordCancellation,
} from "../../failures/cancellation.js";
import {
  acceptMark,
  adoptMark,
  formatMark,
  isCancelledMark,
  outgoingMark,
} from "../../failures/mark.js";
import { recordFailure } from "../../failures/recordFailure.js";
import {
  ATTR_RPC_METHOD,
  ATTR_RPC_STATUS_CODE,
  ATTR_RPC_SYSTEM_NAME,
} from "../../resource/semanticConventions.js";
import type { Runtime } from "../../shared/Runtime.js";
import { globalState } from "../../shared/globalState.js";
import { attempt } from "../../shared/attempt.js";
import { isObject } from "../../shared/isObject.js";
import { readMember } from "../../shared/readMember.js";
import { endQuietly, startQuietly } from "../../shared/quietSpan.js";
import { Status, statusName } from "./grpcStatus.js";

/** A failure that is reported inside an OK response. */
export interface ResponseFailure {
  /** Becomes `error.type`. Default: `_OTHER`, the conventions' fallback value. */
  readonly type?: string;
  /** Becomes the span's status message and the error event's message. */
  readonly message: string;
}

/** What a request message says about its call. */
export interface CallDescription {
  /** The name of the span. Default: the full method. */
  readonly name?: string;
  /** Added to the span's attributes. Default: none. */
  readonly attributes?: Attributes;
}

/** Options of `serverInterceptor` and `clientInterceptor`. */
export interface GrpcInterceptorOptions {
  /**
   * Returns the failure that a response with status OK reports, or undefined. Called for each response message until
   * it returns a failure. Return an Error to have its stack on the span. Default: OK is never a failure.
   *
   * @example
   * // A service that answers OK with `error.Code` set:
   * (response) => response.error?.Code ? { type: String(response.error.Code), message: response.error.Message } : undefined
   */
  readonly failureFromResponse?: (
    response: unknown,
    method: string,
  ) => ResponseFailure | Error | undefined;
  /**
   * Names a call after its first request message, for services that route all their methods through one gRPC method.
   * Called once per call. An error event of the call has this name as its `span_name`. Default: the span is named
   * after the full method.
   *
   * @example
   * (request) => ({ name: request.Method, attributes: { "land.request.id": request.RequestIdentifier } })
   */
  readonly describe?: (request: unknown, method: string) => CallDescription | undefined;
  /** Attributes for every span this interceptor starts. Default: none beyond `rpc.*`. */
  readonly attributes?: Attributes;
  /**
   * Returns true for calls that get no span and no carrier, such as health checks. It receives the full method
   * (`package.Service/Method`). Default: none.
   */
  readonly ignore?: (method: string) => boolean;
}

/** A call that gets a span. */
export interface TracedCall {
  readonly runtime: Runtime;
  /** The full method, `package.Service/Method`. */
  readonly method: string;
  readonly options: GrpcInterceptorOptions;
}

/** The call for this path; undefined when telemetry is off or the options ignore it. */
export function tracedCall(path: string, options: GrpcInterceptorOptions): TracedCall | undefined {
  const { runtime } = globalState();
  if (runtime === undefined) return undefined;
  const method = path.startsWith("/") ? path.slice(1) : path;
  try {
    if (options.ignore?.(method) === true) return undefined;
  } catch {
    // The host's function threw: the call is traced all the same.
  }
  return { runtime, method, options };
}

/** The outcome of a call, as seen by one side. */
export interface CallOutcome {
  readonly code: number;
  readonly details: string;
  /** Whether the status is an error for this side. */
  readonly failed: boolean;
  /** Whether the caller asked for the call to end; then nothing failed. */
  readonly cancelled: boolean;
  /** The `land-counted` value that came with the outcome, unchecked. */
  readonly mark?: unknown;
}

/** The span of one call on one side; the first status ends it. */
export class CallSpan {
  /** The context in which the span is active. */
  readonly context: Context;
  private readonly span: Span;
  private responseFailure: ResponseFailure | Error | undefined;
  private isDescribed = false;
  private ended = false;

  constructor(
    private readonly call: TracedCall,
    kind: SpanKind,
    parent: Context,
  ) {
    const { runtime, method, options } = call;
    let attributes: Attributes = { [ATTR_RPC_SYSTEM_NAME]: "grpc", [ATTR_RPC_METHOD]: method };
    try {
      attributes = { ...options.attributes, ...attributes };
    } catch {
      // A getter of the host's threw: the span is started without the host's attributes.
    }
    this.span = startQuietly(runtime.tracer, method, { kind, attributes }, parent);
    this.context = trace.setSpan(parent, this.span);
  }

  get spanId(): string {
    return this.span.spanContext().spanId;
  }

  /** The mark that a failure of this span would have; undefined when the span is not recording. */
  get ownMark(): string | undefined {
    const { traceId, spanId } = this.span.spanContext();
    return this.span.isRecording() ? formatMark(traceId, spanId) : undefined;
  }

  /** Inspects a request message; the first one describes the call. */
  noteRequest(request: unknown): void {
    if (this.isDescribed) return;
    this.isDescribed = true;
    attempt(() => {
      const { options, method } = this.call;
      const description = options.describe?.(request, method);
      const name: unknown = readMember(description, "name");
      const attributes: unknown = readMember(description, "attributes");
      if (typeof name === "string" && name !== "") this.span.updateName(name);
      if (isObject(attributes)) this.span.setAttributes(attributes as Attributes);
    });
  }

  /** Inspects a response message; the first failure that one reports is the failure of the call. */
  noteResponse(response: unknown): void {
    try {
      this.responseFailure ??= this.call.options.failureFromResponse?.(response, this.call.method);
    } catch {
      // The host's function failed, not the call.
    }
  }

  /** Ends the span and returns the mark to pass on if its failure was counted or cancelled. Later calls do nothing. */
  end(outcome: CallOutcome): string | undefined {
    if (this.ended) return undefined;
    this.ended = true;
    let isMarked = false;
    try {
      isMarked = this.applyOutcome(outcome);
    } catch {
      // A value or a span of the host's threw: the span ends as it is.
    }
    endQuietly(this.span);
    return isMarked ? outgoingMark(this.span) : undefined;
  }

  /** Returns whether the call failed or was cancelled. */
  private applyOutcome({ code, details, failed, cancelled, mark }: CallOutcome): boolean {
    const { responseFailure, span } = this;
    const spanContext = span.spanContext();
    const name = statusName(code);
    span.setAttribute(ATTR_RPC_STATUS_CODE, name);
    const isFailedResponse = code === Status.OK && responseFailure !== undefined;
    const said = isFailedResponse ? responseFailure.message : details;
    const isCancelledElsewhere =
      (failed || isFailedResponse) &&
      (isCancelledMark(acceptMark(mark, spanContext.traceId)) ||
        isCancelledBelow(spanContext, said));
    if (cancelled || isGrpcCancellation(code, details) || isCancelledElsewhere) {
      recordCancellation(span, undefined, said);
      return true;
    }
    if (failed) this.fail(name, details);
    else if (!isFailedResponse) return false;
    else if (isError(responseFailure)) recordFailure(span, responseFailure);
    else this.fail(responseFailure.type ?? "_OTHER", responseFailure.message);
    // When our own mark comes back, the other side has left the counting to this span.
    if (mark !== this.ownMark) adoptMark(mark, span, spanContext.traceId);
    return true;
  }

  private fail(type: string, message: string): void {
    this.span.setAttribute(ATTR_ERROR_TYPE, type);
    this.span.setStatus({ code: SpanStatusCode.ERROR, ...(message === "" ? {} : { message }) });
  }
}

function isError(failure: ResponseFailure | Error): failure is Error {
  return typeof (failure as Error).stack === "string";
}
