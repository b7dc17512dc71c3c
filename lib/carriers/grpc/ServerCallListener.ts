import type { Metadata, ServerInterceptingCallInterface } from "@grpc/grpc-js";
import type { Context, TextMapPropagator } from "@opentelemetry/api";
import { context, ROOT_CONTEXT, SpanKind } from "@opentelemetry/api";
import { MARK_KEY } from "../../failures/mark.js";
import { globalState } from "../../shared/globalState.js";
import type { CallOutcome } from "./CallSpan.js";
import { CallSpan } from "./CallSpan.js";
import type { GrpcInterceptorOptions } from "./GrpcInterceptorOptions.js";
import { CANCELLED, DEADLINE_EXCEEDED, isServerError, UNKNOWN } from "./grpcStatus.js";
import { metadataGetter } from "./metadataCarrier.js";
import type { TracedMethod } from "./tracedMethod.js";

/**
 * A client whose deadline passes resets the stream, which looks like a cancellation. The server's own clock starts
 * when the request reaches its handler, so that on a busy machine the reset comes this many milliseconds before the
 * server's deadline; at most half of the time the call was given.
 */
const DEADLINE_SLACK_MS = 500;
/** A mark ends with a span id. */
const SPAN_ID_LENGTH = 16;

export type ServerListener = Parameters<ServerInterceptingCallInterface["start"]>[0];
export type ServerStatus = Parameters<ServerInterceptingCallInterface["sendStatus"]>[0];

/** Starts the server span when the metadata arrives and runs every listener of the call in its context. */
export class ServerCallListener implements ServerListener {
  callSpan: CallSpan | undefined;
  private requestMetadata: Metadata | undefined;
  private handlerRuns = false;
  private readonly arrival = Date.now();

  constructor(
    private readonly traced: TracedMethod,
    private readonly call: ServerInterceptingCallInterface,
    private readonly next: ServerListener,
    private readonly options: GrpcInterceptorOptions,
  ) {}

  onReceiveMetadata(metadata: Metadata): void {
    this.requestMetadata = metadata;
    const { runtime, method } = this.traced;
    try {
      const parent = extractParent(runtime.propagator, metadata);
      this.callSpan = new CallSpan(runtime, method, SpanKind.SERVER, parent, this.options);
    } catch {
      // No span then; the call is served all the same.
    }
    this.runHandler(() => this.next.onReceiveMetadata(metadata));
  }

  onReceiveMessage(message: unknown): void {
    context.with(this.context, () => this.next.onReceiveMessage(message));
  }

  onReceiveHalfClose(): void {
    this.runHandler(() => this.next.onReceiveHalfClose());
  }

  /** Also follows the normal end of a call, whose span has ended then. */
  onCancel(): void {
    this.endByCancel();
    context.with(this.context, () => this.next.onCancel());
  }

  /** Ends the span with the status that is about to be sent, which then carries the mark of a counted failure. */
  endByStatus(status: ServerStatus): ServerStatus {
    const { callSpan } = this;
    if (callSpan === undefined || callSpan.hasEnded) return status;
    const mark = this.endCallSpan(callSpan, {
      code: status.code,
      details: status.details,
      failed: isServerError(status.code),
      cancelled: false,
      mark: this.markBehind(status),
    });
    if (mark === undefined) return status;
    const metadata = status.metadata?.clone() ?? this.newMetadata();
    metadata?.set(MARK_KEY, mark);
    return metadata === undefined ? status : { ...status, metadata };
  }

  private get context(): Context {
    return this.callSpan?.context ?? ROOT_CONTEXT;
  }

  /** Runs a hook in which grpc-js may call the handler. */
  private runHandler(hook: () => void): void {
    this.handlerRuns = true;
    try {
      context.with(this.context, hook);
    } finally {
      this.handlerRuns = false;
    }
  }

  /** No status was sent: the client left, or its connection did. */
  private endByCancel(): void {
    const { callSpan } = this;
    if (callSpan === undefined || callSpan.hasEnded) return;
    this.endCallSpan(
      callSpan,
      this.isOverdue()
        ? {
            code: DEADLINE_EXCEEDED,
            details: "Deadline exceeded",
            failed: true,
            cancelled: false,
            mark: this.announcedMark(),
          }
        : { code: CANCELLED, details: "", failed: false, cancelled: true },
    );
  }

  private endCallSpan(callSpan: CallSpan, outcome: CallOutcome): string | undefined {
    const mark = callSpan.end(outcome);
    if (mark === undefined || mark !== this.announcedMark()) return mark;
    // A client in this very process must not take its own mark for that of a child that was counted.
    const { childFailures } = globalState();
    const clientSpanId = mark.slice(-SPAN_ID_LENGTH);
    if (childFailures.get(clientSpanId)?.mark === mark) childFailures.delete(clientSpanId);
    return mark;
  }

  /** The mark of the failure behind a status, when another span counts it. */
  private markBehind(status: ServerStatus): unknown {
    const code: number = status.code;
    // A handler that hands on the error of its own client call sends that call's metadata.
    const handedOn = status.metadata?.get(MARK_KEY)[0];
    if (handedOn !== undefined) return handedOn;
    if (code === DEADLINE_EXCEEDED && this.isOverdue()) return this.announcedMark();
    // What a handler throws in place comes here as "Unknown error"; a span in the handler has seen the error itself.
    if (code === UNKNOWN && this.handlerRuns && this.callSpan !== undefined)
      return globalState().childFailures.get(this.callSpan.spanId)?.mark;
    return undefined;
  }

  /** A client that counts the end of its own deadline says so beforehand: the two sides cannot tell each other then. */
  private announcedMark(): unknown {
    return this.requestMetadata?.get(MARK_KEY)[0];
  }

  private isOverdue(): boolean {
    const deadline = Number(this.call.getDeadline());
    const slack = Math.min(DEADLINE_SLACK_MS, (deadline - this.arrival) / 2);
    return deadline <= Date.now() + slack;
  }

  /** An empty Metadata of the class this very call uses: there may be two copies of grpc-js in a process. */
  private newMetadata(): Metadata | undefined {
    const metadata = this.requestMetadata?.clone();
    if (metadata !== undefined)
      for (const key of metadataGetter.keys(metadata)) metadata.remove(key);
    return metadata;
  }
}

/** The caller's context, on an empty one: what is active here belongs to the connection, not to the call. */
function extractParent(propagator: TextMapPropagator, metadata: Metadata): Context {
  try {
    return propagator.extract(ROOT_CONTEXT, metadata, metadataGetter);
  } catch {
    return ROOT_CONTEXT;
  }
}
