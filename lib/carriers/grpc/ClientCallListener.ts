import type {
  InterceptingListener,
  InterceptorOptions,
  Metadata,
  StatusObject,
} from "@grpc/grpc-js";
import type { Context } from "@opentelemetry/api";
import { context } from "@opentelemetry/api";
import { MARK_KEY, markCounted } from "../../failures/mark.js";
import type { CallSpan } from "./CallSpan.js";
import { CANCELLED, OK, UNIMPLEMENTED } from "./grpcStatus.js";

/** Ends the client span by the status and runs the caller's listeners in the caller's context. */
export class ClientCallListener implements InterceptingListener {
  private cancelRequested = false;
  private answered = false;

  constructor(
    private readonly callSpan: CallSpan,
    private readonly caller: Context,
    private readonly next: Partial<InterceptingListener>,
    private readonly callOptions: InterceptorOptions,
  ) {}

  /** The caller asked for the end of the call. */
  noteCancel(): void {
    this.cancelRequested = true;
  }

  onReceiveMetadata(metadata: Metadata): void {
    context.with(this.caller, () => this.next.onReceiveMetadata?.(metadata));
  }

  onReceiveMessage(message: unknown): void {
    // grpc-js gives null for "no message" before the status of a unary call.
    if (message !== null) {
      this.answered = true;
      this.callSpan.noteResponse(message);
    }
    context.with(this.caller, () => this.next.onReceiveMessage?.(message));
  }

  onReceiveStatus(status: StatusObject): void {
    const handedOn = this.callSpan.hasEnded ? status : this.endByStatus(status);
    context.with(this.caller, () => this.next.onReceiveStatus?.(handedOn));
  }

  /** Ends the span; the status then carries the mark of a counted failure, so that a plain rethrow keeps it. */
  private endByStatus(status: StatusObject): StatusObject {
    const received: number = status.code;
    // A unary call without an answer becomes this error above the interceptors.
    const unanswered =
      received === OK && !this.answered && !this.callOptions.method_definition.responseStream;
    const code = unanswered ? UNIMPLEMENTED : received;
    const cancelled =
      code === CANCELLED && (this.cancelRequested || this.callOptions.parent?.cancelled === true);
    const mark = this.callSpan.end({
      code,
      details: unanswered ? "No message received" : status.details,
      failed: code !== OK,
      cancelled,
      mark: status.metadata.get(MARK_KEY)[0],
    });
    if (mark === undefined) return status;
    // A copy: grpc-js may give one Metadata to several failed calls.
    const metadata = status.metadata.clone();
    metadata.set(MARK_KEY, mark);
    // The ServiceError does not exist yet; it will hold this object, by which it is known (see countedMark).
    markCounted(metadata, mark);
    return { ...status, metadata };
  }
}
