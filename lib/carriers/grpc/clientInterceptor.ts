import type {
  InterceptingCall,
  InterceptingListener,
  Interceptor,
  InterceptorOptions,
  NextCall,
  StatusObject,
} from "@grpc/grpc-js";
import { context, SpanKind } from "@opentelemetry/api";
import { describeFailure } from "../../failures/describeFailure.js";
import { MARK_KEY, markCounted } from "../../failures/mark.js";
import { inject } from "../headers.js";
import type { GrpcInterceptorOptions, TracedCall } from "./CallSpan.js";
import { CallSpan, tracedCall } from "./CallSpan.js";
import { Status } from "./grpcStatus.js";

type ClientCall = ReturnType<NextCall>;

/**
 * Makes an interceptor for the `interceptors` option of a @grpc/grpc-js client: every call gets a CLIENT span under
 * the active one, and carries its context in a copy of the caller's metadata. Callbacks and stream events come back
 * in the caller's context. One call is one span; to see retries as one operation, wrap them in a span of your own.
 *
 * Interceptors given with a single call replace those of the client (grpc-js): add this one there too.
 * Without telemetry (not registered, or both pipes off) calls pass untouched. A closed client throws before there is
 * a call, and so without a span.
 */
export function clientInterceptor(options: GrpcInterceptorOptions = {}): Interceptor {
  return (callOptions, nextCall) => {
    const call = nextCall(callOptions);
    const traced = tracedCall(callOptions.method_definition.path, options);
    if (traced !== undefined) traceClientCall(traced, call, callOptions);
    // The types ask for a class of grpc-js, which only calls the interface's methods on whatever comes back.
    return call as unknown as InterceptingCall;
  };
}

/** Traces one call by replacing methods of the call object that grpc-js made for it. */
function traceClientCall(
  traced: TracedCall,
  call: ClientCall,
  { deadline, method_definition: { requestStream, responseStream }, parent }: InterceptorOptions,
): void {
  const start = call.start.bind(call);
  const cancelWithStatus = call.cancelWithStatus.bind(call);
  // A parent call passes its own deadline on.
  const hasDeadline = (deadline !== undefined && deadline !== Infinity) || parent !== undefined;
  let cancelRequested = false;

  call.start = (metadata, next = {}) => {
    const caller = context.active();
    const callSpan = new CallSpan(traced, SpanKind.CLIENT, caller);
    let answered = false;
    /** Ends the span by the status, and runs the caller's listeners in the caller's context. */
    const listener: InterceptingListener = {
      onReceiveMetadata(received) {
        context.with(caller, () => next.onReceiveMetadata?.(received));
      },
      onReceiveMessage(message: unknown) {
        // grpc-js gives null for "no message" before the status of a unary call.
        if (message !== null) {
          answered = true;
          callSpan.noteResponse(message);
        }
        context.with(caller, () => next.onReceiveMessage?.(message));
      },
      onReceiveStatus(status) {
        const received: number = status.code;
        // A unary call without an answer becomes this error above the interceptors.
        const unanswered = received === Status.OK && !answered && !responseStream;
        const code = unanswered ? Status.UNIMPLEMENTED : received;
        const mark = callSpan.end({
          code,
          details: unanswered ? "No message received" : status.details,
          failed: code !== Status.OK,
          cancelled: code === Status.CANCELLED && (cancelRequested || parent?.cancelled === true),
          mark: status.metadata.get(MARK_KEY)[0],
        });
        const handedOn = mark === undefined ? status : markedStatus(status, mark);
        context.with(caller, () => next.onReceiveStatus?.(handedOn));
      },
    };
    const carrying = inject(metadata.clone(), callSpan.context);
    const { ownMark } = callSpan;
    // Both sides see a deadline pass, and neither can tell the other then. So a side that counts failures says so
    // at the start.
    if (hasDeadline && ownMark !== undefined && traced.runtime.isAllowed("posthog"))
      carrying.set(MARK_KEY, ownMark);
    try {
      start(carrying, listener);
    } catch (error) {
      const details = describeFailure(error).message;
      callSpan.end({ code: Status.INTERNAL, details, failed: true, cancelled: false });
      throw error;
    }
  };
  call.cancelWithStatus = (status, details) => {
    cancelRequested = true;
    cancelWithStatus(status, details);
  };
  if (requestStream) bindWriteCallbacks(call);
}

/** The status with the mark of a counted failure, so that a plain rethrow keeps it. */
function markedStatus(status: StatusObject, mark: string): StatusObject {
  // A copy: grpc-js may give one Metadata to several failed calls.
  const metadata = status.metadata.clone();
  metadata.set(MARK_KEY, mark);
  // The ServiceError does not exist yet; it will hold this object, by which it is known (see countedMark).
  markCounted(metadata, mark);
  return { ...status, metadata };
}

/** The callback of a write ends up in the caller's code ("drain", write callbacks), so it gets the caller's context. */
function bindWriteCallbacks(call: ClientCall): void {
  const caller = context.active();
  const sendMessageWithContext = call.sendMessageWithContext.bind(call);
  call.sendMessageWithContext = ({ callback, ...rest }, message) => {
    const bound = callback === undefined ? {} : { callback: context.bind(caller, callback) };
    sendMessageWithContext({ ...rest, ...bound }, message);
  };
}
