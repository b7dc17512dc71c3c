import type {
  Metadata,
  ServerInterceptingCall,
  ServerInterceptingCallInterface,
  ServerInterceptor,
} from "@grpc/grpc-js";
import type { Context } from "@opentelemetry/api";
import { context, ROOT_CONTEXT, SpanKind } from "@opentelemetry/api";
import { MARK_KEY } from "../../failures/mark.js";
import { attempt } from "../../shared/attempt.js";
import { globalState } from "../../shared/globalState.js";
import { interceptMethod } from "../../shared/interceptMethod.js";
import { extract } from "../headers.js";
import type { CallOutcome, GrpcInterceptorOptions, TracedCall } from "./CallSpan.js";
import { CallSpan, tracedCall } from "./CallSpan.js";
import { isServerError, Status } from "./grpcStatus.js";

/**
 * A client whose deadline passes resets the stream, which looks like a cancellation. The server's own clock only
 * starts when the request reaches its handler, so on a busy machine the reset comes before the server's deadline: by
 * up to this many milliseconds, but at most half of the time that the call was given.
 */
const DEADLINE_SLACK_MS = 500;
/** A mark ends with a span id. */
const SPAN_ID_LENGTH = 16;

type ServerListener = Parameters<ServerInterceptingCallInterface["start"]>[0];
type ServerStatus = Parameters<ServerInterceptingCallInterface["sendStatus"]>[0];
type Send = Parameters<ServerInterceptingCallInterface["sendMessage"]>;

/**
 * Makes an interceptor for `new Server({ interceptors: [serverInterceptor()] })` of @grpc/grpc-js: every call gets a
 * SERVER span under the caller's, and the handler and all its listeners run in the span's context. Put it first, so
 * that it also sees the deadlines and serialisation failures that other interceptors never see.
 *
 * Without telemetry (not registered, or both pipes off) calls pass untouched. A method that no service registered is
 * answered by grpc-js before any interceptor runs, so only the client has a span for it.
 */
export function serverInterceptor(options: GrpcInterceptorOptions = {}): ServerInterceptor {
  return (definition, call) => {
    const traced = tracedCall(definition.path, options);
    if (traced !== undefined) traceServerCall(traced, call, definition.responseStream);
    // The types ask for a class of grpc-js, which only calls methods of the interface on whatever is returned.
    return call as unknown as ServerInterceptingCall;
  };
}

/**
 * Traces one call by replacing methods of the call object that grpc-js made for it. A wrapper around the call would
 * miss the statuses that the call itself sends for its deadline and for serialisation failures.
 */
function traceServerCall(
  traced: TracedCall,
  call: ServerInterceptingCallInterface,
  responseStream: boolean,
): void {
  let listener: ServerCallListener | undefined;

  interceptMethod<[ServerListener]>(call, "start", (start, self, [next, ...rest]) => {
    listener = new ServerCallListener(traced, call, next);
    return start.call(self, listener, ...rest);
  });
  interceptMethod<Send>(call, "sendMessage", (send, self, [message, callback, ...rest]) => {
    const span = listener?.callSpan;
    span?.noteResponse(message);
    // The callback of a stream's write runs the handler's code (write callbacks, "drain").
    const bound =
      span !== undefined && responseStream ? context.bind(span.context, callback) : callback;
    return send.call(self, message, bound, ...rest);
  });
  interceptMethod<[ServerStatus]>(call, "sendStatus", (send, self, [status, ...rest]) =>
    send.call(self, listener?.endByStatus(status) ?? status, ...rest),
  );
}

/** Starts the server span when the metadata arrives and runs every listener of the call in its context. */
class ServerCallListener implements ServerListener {
  callSpan: CallSpan | undefined;
  private requestMetadata: Metadata | undefined;
  private handlerRuns = false;
  private readonly arrival = Date.now();

  constructor(
    private readonly traced: TracedCall,
    private readonly call: ServerInterceptingCallInterface,
    private readonly next: ServerListener,
  ) {}

  onReceiveMetadata(metadata: Metadata): void {
    this.requestMetadata = metadata;
    // Extracted into an empty context: what is active here belongs to the connection, not to the call.
    const parent = extract(metadata, ROOT_CONTEXT);
    this.callSpan = new CallSpan(this.traced, SpanKind.SERVER, parent);
    this.runHandler(() => this.next.onReceiveMetadata(metadata));
  }

  onReceiveMessage(message: unknown): void {
    this.callSpan?.noteRequest(message);
    context.with(this.context, () => this.next.onReceiveMessage(message));
  }

  onReceiveHalfClose(): void {
    this.runHandler(() => this.next.onReceiveHalfClose());
  }

  /**
   * The client left, or its connection was lost, before a status was sent. This is also called after the normal end
   * of a call, whose span has ended by then.
   */
  onCancel(): void {
    const overdue = this.isOverdue();
    this.endCallSpan({
      code: overdue ? Status.DEADLINE_EXCEEDED : Status.CANCELLED,
      details: overdue ? "Deadline exceeded" : "",
      failed: overdue,
      cancelled: !overdue,
      mark: this.announcedMark(),
    });
    context.with(this.context, () => this.next.onCancel());
  }

  /** Ends the span with the status that is about to be sent, and returns it with the mark of a counted failure. */
  endByStatus(status: ServerStatus): ServerStatus {
    const { code, details } = status;
    const mark = this.endCallSpan({
      code,
      details,
      failed: isServerError(code),
      cancelled: false,
      mark: this.markBehind(status),
    });
    const { requestMetadata } = this;
    if (mark === undefined || requestMetadata === undefined) return status;
    // Of the class that this call uses: there may be two copies of grpc-js in a process.
    const empty = (): Metadata => Reflect.construct(requestMetadata.constructor, []) as Metadata;
    const metadata = status.metadata?.clone() ?? empty();
    metadata.set(MARK_KEY, mark);
    return { ...status, metadata };
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

  private endCallSpan(outcome: CallOutcome): string | undefined {
    const mark = this.callSpan?.end(outcome);
    if (mark === undefined || mark !== this.announcedMark()) return mark;
    // A client in this same process must not take its own mark for that of a counted child.
    const { childFailures } = globalState();
    const clientSpanId = mark.slice(-SPAN_ID_LENGTH);
    if (childFailures.get(clientSpanId)?.mark === mark) childFailures.delete(clientSpanId);
    return mark;
  }

  /** The mark of the failure behind a status, if another span counts that failure. */
  private markBehind(status: ServerStatus): unknown {
    const code: number = status.code;
    // A handler that passes on the error of its own client call sends that call's metadata.
    const handedOn = status.metadata?.get(MARK_KEY)[0];
    if (handedOn !== undefined) return handedOn;
    if (code === Status.DEADLINE_EXCEEDED && this.isOverdue()) return this.announcedMark();
    // grpc-js turns what a handler throws into "Unknown error"; a span inside the handler has seen the error itself.
    if (code === Status.UNKNOWN && this.handlerRuns && this.callSpan !== undefined)
      return globalState().childFailures.get(this.callSpan.spanId)?.mark;
    return undefined;
  }

  /** The mark of a client that itself counts the end of its deadline; it came with the request. */
  private announcedMark(): unknown {
    return this.requestMetadata?.get(MARK_KEY)[0];
  }

  private isOverdue(): boolean {
    // A call object made by an interceptor may have no `getDeadline`.
    const deadline = Number(attempt(() => this.call.getDeadline()));
    const slack = Math.min(DEADLINE_SLACK_MS, (deadline - this.arrival) / 2);
    return deadline <= Date.now() + slack;
  }
}
