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

/** vscode-jsonrpc rejects the requests of a lost connection with this. */
const CONNECTION_LOST: JsonRpcError = {
  code: -32097,
  message: "Pending response rejected since connection got disposed",
};
/** The texts under which an abort arrives when a handler throws it: the web's and Node's. */
const ABORT_TEXTS: ReadonlySet<string> = new Set([
  "This operation was aborted",
  "The operation was aborted",
]);

/** Which end of a call this process is. */
export type CallSide = "caller" | "handler";

/** The span of one request or notification, on either side. */
export class RpcCall implements CancelSource {
  readonly span: Span;
  /** The context with the span active: what travels on the message, or what the handler runs in. */
  readonly context: Context;
  /** The caller has asked to give the request up. */
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
   * Ends the span with the response, as the side that made the span sees it. A mark that came with the
   * response is taken over; the mark that the response should carry on is returned.
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

  /** The connection is gone: the caller's request fails, the handler's answer is not wanted any more. */
  lost(): void {
    if (this.side === "caller") {
      this.answer(CONNECTION_LOST);
      return;
    }
    this.cancel();
  }

  /** It was given up, and nothing more will be said of it. */
  cancel(): void {
    this.isCancellationRequested = true;
    recordCancellation(this.span);
    endQuietly(this.span);
  }

  /** No answer came in the time that so many other requests took. */
  abandon(): void {
    this.span.setAttribute(ATTR_LAND_UNANSWERED, true);
    endQuietly(this.span);
  }

  private fail({ code, message }: JsonRpcError, mark: unknown): void {
    const text = thrownText(this.method, message);
    // The same text as in the errors around the span, by which they are known as one failure: inside the handler
    // the thrown text, at the caller the message of the ResponseError.
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

/** Open requests of one direction of a connection: far above what an editor has, far below what hurts (about 1 kB each). */
const MAX_OPEN = 10_000;

/** The requests of one direction of a connection that have no response yet. */
export class OpenCalls {
  private readonly calls = new Map<JsonRpcId, RpcCall>();

  /** Above the bound the oldest gives way; an id that is used again ends its former call. */
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

  /** @param isAnswered Whether a response will come all the same. */
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

/** What the handler threw: vscode-jsonrpc puts the request before the text of anything but a ResponseError. */
function thrownText(method: string, message: string): string {
  const before = `Request ${method} failed with message: `;
  return message.startsWith(before) ? message.slice(before.length) : message;
}
