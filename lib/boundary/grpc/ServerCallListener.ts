import type { Metadata, ServerInterceptingCallInterface } from "@grpc/grpc-js";
import type { Context } from "@opentelemetry/api";
import { context, ROOT_CONTEXT, SpanKind } from "@opentelemetry/api";
import type { TextMapPropagator } from "@opentelemetry/api";
import { CallSpan } from "./CallSpan.js";
import type { GrpcInterceptorOptions } from "./GrpcInterceptorOptions.js";
import { CANCELLED, DEADLINE_EXCEEDED } from "./grpcStatus.js";
import { metadataGetter } from "./metadataCarrier.js";
import type { TracedMethod } from "./tracedMethod.js";

type ServerListener = Parameters<ServerInterceptingCallInterface["start"]>[0];

/** Starts the server span when the metadata arrives and runs every listener of the call in its context. */
export class ServerCallListener implements ServerListener {
  callSpan: CallSpan | undefined;
  private requestMetadata: Metadata | undefined;

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
    context.with(this.context, () => this.next.onReceiveMetadata(metadata));
  }

  onReceiveMessage(message: unknown): void {
    context.with(this.context, () => this.next.onReceiveMessage(message));
  }

  onReceiveHalfClose(): void {
    context.with(this.context, () => this.next.onReceiveHalfClose());
  }

  /** Also follows the normal end of a call, whose span has ended then. */
  onCancel(): void {
    this.endByCancel();
    context.with(this.context, () => this.next.onCancel());
  }

  /** An empty Metadata of the class this very call uses: there may be two copies of grpc-js in a process. */
  newMetadata(): Metadata | undefined {
    const metadata = this.requestMetadata?.clone();
    if (metadata !== undefined) for (const key of metadataGetter.keys(metadata)) metadata.remove(key);
    return metadata;
  }

  private get context(): Context {
    return this.callSpan?.context ?? ROOT_CONTEXT;
  }

  private endByCancel(): void {
    const { callSpan } = this;
    if (callSpan === undefined || callSpan.hasEnded) return;
    const overdue = Number(this.call.getDeadline()) <= Date.now();
    callSpan.end(
      overdue
        ? { code: DEADLINE_EXCEEDED, details: "Deadline exceeded", failed: true, cancelled: false }
        : { code: CANCELLED, details: "", failed: false, cancelled: true },
    );
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
