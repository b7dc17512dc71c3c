import type { InterceptorOptions, Metadata, NextCall } from "@grpc/grpc-js";
import { context, SpanKind } from "@opentelemetry/api";
import { describeFailure } from "../../failures/describeFailure.js";
import { MARK_KEY } from "../../failures/mark.js";
import { withSessionOfTrace } from "../../propagation/sessionBaggage.js";
import type { Runtime } from "../../shared/Runtime.js";
import { CallSpan } from "./CallSpan.js";
import { ClientCallListener } from "./ClientCallListener.js";
import type { GrpcInterceptorOptions } from "./GrpcInterceptorOptions.js";
import { CANCELLED, INTERNAL } from "./grpcStatus.js";
import { metadataSetter } from "./metadataCarrier.js";
import type { TracedMethod } from "./tracedMethod.js";

type ClientCall = ReturnType<NextCall>;

/** Traces one call by replacing methods of the call object that grpc-js made for it. */
export function traceClientCall(
  traced: TracedMethod,
  call: ClientCall,
  callOptions: InterceptorOptions,
  options: GrpcInterceptorOptions,
): void {
  const start = call.start.bind(call);
  const cancelWithStatus = call.cancelWithStatus.bind(call);
  let listener: ClientCallListener | undefined;

  call.start = (metadata, next = {}) => {
    const caller = context.active();
    let callSpan: CallSpan;
    try {
      callSpan = new CallSpan(traced.runtime, traced.method, SpanKind.CLIENT, caller, options);
    } catch {
      // No span then; the call is made all the same.
      start(metadata, next);
      return;
    }
    const carrying = metadata.clone();
    writeCarrier(traced.runtime, callSpan, carrying, callOptions);
    listener = new ClientCallListener(callSpan, caller, next, callOptions);
    try {
      start(carrying, listener);
    } catch (error) {
      callSpan.end({
        code: INTERNAL,
        details: describeFailure(error).message,
        failed: true,
        cancelled: false,
      });
      throw error;
    }
  };
  call.cancelWithStatus = (status, details) => {
    const code: number = status;
    // grpc-js uses other codes for what it ends by itself.
    if (code === CANCELLED) listener?.noteCancel();
    cancelWithStatus(status, details);
  };
  if (callOptions.method_definition.requestStream) bindWriteCallbacks(call);
}

function writeCarrier(
  runtime: Runtime,
  callSpan: CallSpan,
  metadata: Metadata,
  callOptions: InterceptorOptions,
): void {
  try {
    runtime.propagator.inject(
      withSessionOfTrace(callSpan.context, runtime.sessionId),
      metadata,
      metadataSetter,
    );
    // The end of a deadline is seen by both sides, neither of which can tell the other any more: where this side
    // counts, it says so at the start.
    if (hasDeadline(callOptions) && callSpan.ownMark !== undefined && runtime.isAllowed("posthog"))
      metadataSetter.set(metadata, MARK_KEY, callSpan.ownMark);
  } catch {
    // The call matters more than its carrier.
  }
}

function hasDeadline({ deadline, parent }: InterceptorOptions): boolean {
  // A parent call passes its own deadline on.
  return (deadline !== undefined && deadline !== Infinity) || parent !== undefined;
}

/** The callback of a write ends up in the caller's code ("drain", write callbacks), so it gets the caller's context. */
function bindWriteCallbacks(call: ClientCall): void {
  const caller = context.active();
  const sendMessageWithContext = call.sendMessageWithContext.bind(call);
  call.sendMessageWithContext = (messageContext, message) => {
    const { callback } = messageContext;
    sendMessageWithContext(
      callback === undefined
        ? messageContext
        : { ...messageContext, callback: context.bind(caller, callback) },
      message,
    );
  };
}
