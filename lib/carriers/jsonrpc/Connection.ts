import type { Context } from "@opentelemetry/api";
import { ROOT_CONTEXT, context, diag, trace } from "@opentelemetry/api";
import type { Message } from "vscode-jsonrpc";
import { withCancelSource } from "../../failures/cancellation.js";
import { MARK_KEY } from "../../failures/mark.js";
import type { Runtime } from "../../shared/Runtime.js";
import { globalState } from "../../shared/globalState.js";
import { extract } from "../extract.js";
import { classify, isProtocolMethod } from "./JsonRpcMessage.js";
import { withCarrier, withMark } from "./messageCarrier.js";
import { OpenCalls } from "./OpenCalls.js";
import { RpcCall } from "./RpcCall.js";

/** A message on its way out, and what to do when it is written or not. */
export interface Outgoing {
  readonly message: Message;
  readonly written?: () => void;
  readonly unsent?: (failure: unknown) => void;
}

/** The spans of one connection. Nothing here throws: a message always gets through. */
export class Connection {
  private readonly outgoing = new OpenCalls();
  private readonly incoming = new OpenCalls();
  /** What the handler of a message runs in, from its arrival until it is dispatched. */
  private readonly handlerContexts = new WeakMap<object, Context>();

  constructor(private readonly inject: boolean) {}

  /** A message that the connection is about to write. */
  send(message: Message): Outgoing {
    return guarded({ message }, () => {
      const sent = classify(message);
      const runtime = activeRuntime();
      switch (sent?.kind) {
        case "request": {
          if (runtime === undefined) return { message };
          const call = new RpcCall(runtime, sent.method, "caller", context.active());
          this.outgoing.add(sent.id, call);
          return {
            message: this.carrying(message, call.context),
            unsent: (failure) => this.outgoing.take(sent.id)?.unsent(failure),
          };
        }
        case "notification":
          return runtime === undefined ? { message } : this.notify(runtime, message, sent.method);
        case "cancel": {
          const call = this.outgoing.get(sent.id);
          if (call !== undefined) call.isCancellationRequested = true;
          return { message };
        }
        case "response": {
          const mark = this.incoming.take(sent.id)?.answer(sent.error);
          return { message: mark !== undefined && this.inject ? withMark(message, mark) : message };
        }
        case undefined:
          return { message };
      }
    });
  }

  /** A message that has arrived and is about to be queued. */
  receive(message: Message): void {
    guarded(undefined, () => {
      const received = classify(message);
      if (received?.kind === "response") {
        this.outgoing
          .take(received.id)
          ?.answer(received.error, (message as unknown as Record<string, unknown>)[MARK_KEY]);
      } else if (received?.kind === "cancel") {
        const call = this.incoming.get(received.id);
        if (call !== undefined) call.isCancellationRequested = true;
      } else if (received?.kind === "request") {
        const runtime = activeRuntime();
        if (runtime === undefined) return;
        const call = new RpcCall(
          runtime,
          received.method,
          "handler",
          extract(message, ROOT_CONTEXT),
        );
        this.incoming.add(received.id, call);
        this.handlerContexts.set(message, withCancelSource(call.context, call));
      }
    });
  }

  /** Runs the dispatch of a queued message in the context of its handler. */
  dispatch(message: Message, next: (message: Message) => void): void {
    const notification = guarded(undefined, () => this.notified(message));
    const inside =
      notification?.context ?? this.handlerContexts.get(message) ?? this.openContext(message);
    if (inside === undefined) {
      next(message);
      return;
    }
    try {
      context.with(inside, next, undefined, message);
    } finally {
      guarded(undefined, () => notification?.call?.answer(undefined));
    }
  }

  /** The connection is closed or disposed: no response will come or go any more. */
  lose(): void {
    guarded(undefined, () => {
      this.outgoing.lose();
      this.incoming.lose();
    });
  }

  /** For a strategy that passes on another object than it was given. */
  private openContext(message: Message): Context | undefined {
    const received = guarded(undefined, () => classify(message));
    return received?.kind === "request" ? this.incoming.get(received.id)?.context : undefined;
  }

  private carrying(message: Message, inside: Context): Message {
    return this.inject ? withCarrier(message, inside) : message;
  }

  private notify(runtime: Runtime, message: Message, method: string): Outgoing {
    const active = context.active();
    if (isProtocolMethod(method)) {
      return {
        message: trace.getSpan(active) === undefined ? message : this.carrying(message, active),
      };
    }
    const call = new RpcCall(runtime, method, "caller", active);
    return {
      message: this.carrying(message, call.context),
      written: () => call.answer(undefined),
      unsent: (failure) => call.unsent(failure),
    };
  }

  private notified(
    message: Message,
  ): { readonly context: Context; readonly call?: RpcCall } | undefined {
    const received = classify(message);
    const runtime = activeRuntime();
    if (received?.kind !== "notification" || runtime === undefined) return undefined;
    const caller = extract(message, ROOT_CONTEXT);
    if (isProtocolMethod(received.method))
      return trace.getSpan(caller) === undefined ? undefined : { context: caller };
    const call = new RpcCall(runtime, received.method, "handler", caller);
    return { context: call.context, call };
  }
}

function activeRuntime(): Runtime | undefined {
  const { runtime } = globalState();
  return runtime?.tracing === true ? runtime : undefined;
}

function guarded<T>(otherwise: T, work: () => T): T {
  try {
    return work();
  } catch (error) {
    diag.error("land-telemetry: a JSON-RPC message could not be traced", error);
    return otherwise;
  }
}
