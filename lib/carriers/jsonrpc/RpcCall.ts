import type { Context, Span } from "@opentelemetry/api";
import { SpanKind, trace } from "@opentelemetry/api";
import type { CancelSource } from "../../failures/cancellation.js";
import {
  isCancelledBelow,
  isGivenUp,
  recordCancellation,
  withCancelSource,
} from "../../failures/cancellation.js";
import { acceptMark, adoptMark, isCancelledMark, outgoingMark } from "../../failures/mark.js";
import { closeFailed, recordFailure } from "../../failures/recordFailure.js";
import {
  ATTR_LAND_UNANSWERED,
  ATTR_RPC_METHOD,
  ATTR_RPC_STATUS_CODE,
  ATTR_RPC_SYSTEM_NAME,
} from "../../resource/semanticConventions.js";
import type { Runtime } from "../../shared/Runtime.js";
import { endQuietly, startQuietly } from "../../shared/quietSpan.js";
import type { JsonRpcError, JsonRpcId } from "./JsonRpcMessage.js";
import { report } from "../../shared/report.js";

/** The error with which vscode-jsonrpc rejects the requests of a lost connection. */
const CONNECTION_LOST: JsonRpcError = {
  code: -32097,
  message: "Pending response rejected since connection got disposed",
};
/** The messages of an abort that a handler throws: the web's and Node's. */
const ABORT_TEXTS: ReadonlySet<string> = new Set([
  "This operation was aborted",
  "The operation was aborted",
]);

/** Which end of a call this process is. */
export type CallSide = "caller" | "handler";

/** The span of one request or notification, on either side. */
export class RpcCall implements CancelSource {
  readonly span: Span;
  /** The context in which the span is active; it travels on the message, or the handler runs in it. */
  readonly context: Context;
  /** Whether the caller has asked to give the request up. */
  isCancellationRequested = false;

  constructor(
    { tracer }: Runtime,
    private readonly method: string,
    private readonly side: CallSide,
    parent: Context,
  ) {
    const kind = side === "caller" ? SpanKind.CLIENT : SpanKind.SERVER;
    const attributes = { [ATTR_RPC_SYSTEM_NAME]: "jsonrpc", [ATTR_RPC_METHOD]: method };
    this.span = startQuietly(tracer, method, { kind, attributes }, parent);
    const inside = trace.setSpan(parent, this.span);
    this.context = side === "caller" ? inside : withCancelSource(inside, this);
  }

  /**
   * Ends the span with the response, as seen by this side. A mark that came with the response is taken over; the mark
   * that the response should carry from here is returned.
   */
  answer(error: JsonRpcError | undefined, mark?: unknown): string | undefined {
    try {
      if (error !== undefined) this.fail(error, mark);
    } catch (failure) {
      report("error", "a JSON-RPC failure could not be recorded", failure);
    }
    endQuietly(this.span);
    return error === undefined ? undefined : outgoingMark(this.span);
  }

  /** The message could not be written. */
  unsent(failure: unknown): void {
    closeFailed(this.span, failure, this.context);
  }

  /** The connection is gone: the caller's request fails, and the handler's answer is no longer wanted. */
  lost(): void {
    if (this.side === "caller") {
      this.answer(CONNECTION_LOST);
      return;
    }
    this.cancel();
  }

  /** The call was given up, and no response will follow. */
  cancel(): void {
    this.isCancellationRequested = true;
    recordCancellation(this.span);
    endQuietly(this.span);
  }

  /** No answer came before the request was evicted or its id was used again. */
  abandon(): void {
    this.span.setAttribute(ATTR_LAND_UNANSWERED, true);
    endQuietly(this.span);
  }

  private fail({ code, message }: JsonRpcError, mark: unknown): void {
    const text = thrownText(this.method, message);
    // The same text as in the errors around the span, which identifies them as one failure: the thrown text inside
    // the handler, the message of the ResponseError at the caller.
    const said = this.side === "handler" ? text : message;
    const status = code === undefined ? undefined : String(code);
    if (status !== undefined) this.span.setAttribute(ATTR_RPC_STATUS_CODE, status);
    const { span } = this;
    if (
      isGivenUp(code, text) ||
      (this.isCancellationRequested && ABORT_TEXTS.has(text)) ||
      isCancelledMark(acceptMark(mark, span.spanContext().traceId)) ||
      isCancelledBelow(span.spanContext(), text)
    ) {
      recordCancellation(span, undefined, said);
      return;
    }
    adoptMark(mark, span, span.spanContext().traceId);
    recordFailure(span, { name: status, message: said }, status);
  }
}

/** Maximum number of open requests per direction: far above what an editor has, and still cheap (about 1 kB each). */
const MAX_OPEN = 10_000;

/** The requests of one direction of a connection that have no response yet. */
export class OpenCalls {
  private readonly calls = new Map<JsonRpcId, RpcCall>();

  /** Above the limit the oldest is evicted; an id that is used again ends its former call. */
  add(id: JsonRpcId, call: RpcCall): void {
    this.take(id)?.abandon();
    const [oldest] = this.calls.keys();
    if (this.calls.size >= MAX_OPEN && oldest !== undefined) this.take(oldest)?.abandon();
    this.calls.set(id, call);
  }

  get(id: JsonRpcId): RpcCall | undefined {
    return this.calls.get(id);
  }

  take(id: JsonRpcId): RpcCall | undefined {
    const call = this.calls.get(id);
    this.calls.delete(id);
    return call;
  }

  /** @param isAnswered Whether a response will still come. */
  requestCancellation(id: JsonRpcId | undefined, isAnswered: boolean): void {
    const call = id === undefined ? undefined : this.calls.get(id);
    if (id === undefined || call === undefined) return;
    if (isAnswered) call.isCancellationRequested = true;
    else this.take(id)?.cancel();
  }

  /** The connection is gone. */
  lose(): void {
    const calls = [...this.calls.values()];
    this.calls.clear();
    for (const call of calls) call.lost();
  }
}

/** What the handler threw: vscode-jsonrpc puts the request in front of the text of anything but a ResponseError. */
function thrownText(method: string, message: string): string {
  const before = `Request ${method} failed with message: `;
  return message.startsWith(before) ? message.slice(before.length) : message;
}
