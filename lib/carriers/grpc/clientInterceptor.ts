import type {
  InterceptingCall,
  InterceptingListener,
  Interceptor,
  InterceptorOptions,
  Metadata,
  NextCall,
  StatusObject,
} from "@grpc/grpc-js";
import type { Context } from "@opentelemetry/api";
import { context, SpanKind } from "@opentelemetry/api";
import { describeFailure } from "../../failures/describeFailure.js";
import { MARK_KEY, markCounted } from "../../failures/mark.js";
import { interceptMethod } from "../../shared/interceptMethod.js";
import { readMember } from "../../shared/readMember.js";
import { inject } from "../headers.js";
import type { GrpcInterceptorOptions, TracedCall } from "./CallSpan.js";
import { CallSpan, tracedCall } from "./CallSpan.js";
import { Status } from "./grpcStatus.js";

type ClientCall = ReturnType<NextCall>;
type Start = Parameters<ClientCall["start"]>;
type Send = Parameters<ClientCall["sendMessageWithContext"]>;

/**
 * Makes an interceptor for the `interceptors` option of a @grpc/grpc-js client: every call gets a CLIENT span under
 * the active one, and carries the span's context in a copy of the caller's metadata. Callbacks and stream events run
 * in the caller's context. Each call is one span; to see retries as one operation, wrap them in a span of your own.
 *
 * Interceptors passed with a single call replace those of the client (grpc-js), so add this one there too. Without
 * telemetry (not registered, or both pipes off) calls pass untouched. A closed client throws before there is a call,
 * so there is no span either.
 */
export function clientInterceptor(options: GrpcInterceptorOptions = {}): Interceptor {
  return (callOptions, nextCall) => {
    const call = nextCall(callOptions);
    const traced = tracedCall(callOptions.method_definition.path, options);
    if (traced !== undefined) traceClientCall(traced, call, callOptions);
    // The types ask for a class of grpc-js, which only calls methods of the interface on whatever is returned.
    return call as unknown as InterceptingCall;
  };
}

/** Traces one call by replacing methods of the call object that grpc-js made for it. */
function traceClientCall(
  traced: TracedCall,
  call: ClientCall,
  { deadline, method_definition: { requestStream, responseStream }, parent }: InterceptorOptions,
): void {
  // A parent call passes on its own deadline.
  const hasDeadline = (deadline !== undefined && deadline !== Infinity) || parent !== undefined;
  let cancelRequested = false;
  let span: CallSpan | undefined;

  interceptMethod<Start>(call, "start", (start, self, [metadata, next = {}, ...rest]) => {
    const caller = context.active();
    const callSpan = new CallSpan(traced, SpanKind.CLIENT, caller);
    span = callSpan;
    let answered = false;
    /** Ends the span with the status, and runs the caller's listeners in the caller's context. */
    const listener: InterceptingListener = {
      onReceiveMetadata(received) {
        context.with(caller, () => next.onReceiveMetadata?.(received));
      },
      onReceiveMessage(message: unknown) {
        // grpc-js passes null for "no message" before the status of a unary call.
        if (message !== null) {
          answered = true;
          callSpan.noteResponse(message);
        }
        context.with(caller, () => next.onReceiveMessage?.(message));
      },
      onReceiveStatus(status) {
        const received: number = status.code;
        // An interceptor below may answer without metadata, whatever the types say.
        const trailer = status.metadata as Metadata | null | undefined;
        // Above the interceptors, grpc-js turns a unary call without an answer into this error.
        const unanswered = received === Status.OK && !answered && !responseStream;
        const code = unanswered ? Status.UNIMPLEMENTED : received;
        const mark = callSpan.end({
          code,
          details: unanswered ? "No message received" : status.details,
          failed: code !== Status.OK,
          cancelled: code === Status.CANCELLED && (cancelRequested || parent?.cancelled === true),
          mark: trailer?.get(MARK_KEY)[0],
        });
        const handedOn = mark && trailer ? markedStatus(status, trailer, mark) : status;
        context.with(caller, () => next.onReceiveStatus?.(handedOn));
      },
    };
    const carrying = inject(copyOf(metadata), callSpan.context);
    const { ownMark } = callSpan;
    // Both sides see a deadline pass, and by then neither can tell the other. So a side that counts failures sends
    // its mark at the start.
    if (hasDeadline && ownMark !== undefined && traced.runtime.isAllowed("posthog"))
      carrying.set(MARK_KEY, ownMark);
    try {
      return start.call(self, carrying, listener, ...rest);
    } catch (error) {
      const details = describeFailure(error).message;
      callSpan.end({ code: Status.INTERNAL, details, failed: true, cancelled: false });
      throw error;
    }
  });
  interceptMethod(call, "cancelWithStatus", (cancelWithStatus, self, args) => {
    cancelRequested = true;
    return cancelWithStatus.apply(self, args);
  });
  if (!requestStream && readMember(traced.options, "describe") === undefined) return;
  const creator = context.active();
  interceptMethod<Send>(call, "sendMessageWithContext", (send, self, [given, message, ...rest]) => {
    span?.noteRequest(message);
    return send.call(self, requestStream ? bindCallback(given, creator) : given, message, ...rest);
  });
}

/** The status with the mark of a counted failure, so that the mark survives a plain rethrow. */
function markedStatus(status: StatusObject, trailer: Metadata, mark: string): StatusObject {
  // A copy: grpc-js may pass one Metadata to several failed calls.
  const metadata = copyOf(trailer);
  metadata.set(MARK_KEY, mark);
  // The ServiceError does not exist yet; it will hold this object, by which it is recognised (see countedMark).
  markCounted(metadata, mark);
  return { ...status, metadata };
}

/** The callback of a write runs the caller's code ("drain", write callbacks), so it gets the caller's context. */
function bindCallback(given: Send[0], caller: Context): Send[0] {
  const { callback } = given;
  return callback === undefined ? given : { ...given, callback: context.bind(caller, callback) };
}

/** A copy of the metadata, with what grpc-js keeps on it but does not clone (`setOpaque`, from 1.13 on). */
function copyOf(metadata: Metadata): Metadata {
  const copy = metadata.clone();
  const beside = Object.entries(metadata).filter(([key]) => Reflect.get(copy, key) === undefined);
  return Object.assign(copy, Object.fromEntries(beside));
}
