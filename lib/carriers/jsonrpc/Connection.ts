import type { Context } from "@opentelemetry/api";
import { ROOT_CONTEXT, context, trace } from "@opentelemetry/api";
import type { Message } from "vscode-jsonrpc";
import { MARK_KEY } from "../../failures/mark.js";
import { globalState } from "../../shared/globalState.js";
import { extract, inject } from "../headers.js";
import { classify, isProtocolMethod, withMembers } from "./JsonRpcMessage.js";
import { OpenCalls, RpcCall } from "./RpcCall.js";
import { report } from "../../shared/report.js";

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

  /** `injects`: whether messages carry their context. */
  constructor(private readonly injects: boolean) {}

  /** A message that the connection is about to write. */
  send(message: Message): Outgoing {
    return guarded<Outgoing>({ message }, () => {
      const sent = classify(message);
      const { runtime } = globalState();
      const active = context.active();
      switch (sent?.kind) {
        case "request": {
          if (runtime === undefined) break;
          const call = new RpcCall(runtime, sent.method, "caller", active);
          this.outgoing.add(sent.id, call);
          return {
            message: this.carrying(message, call.context),
            unsent: (failure) => this.outgoing.take(sent.id)?.unsent(failure),
          };
        }
        case "notification": {
          if (runtime === undefined) break;
          if (isProtocolMethod(sent.method)) {
            if (trace.getSpan(active) === undefined) break;
            return { message: this.carrying(message, active) };
          }
          const call = new RpcCall(runtime, sent.method, "caller", active);
          return {
            message: this.carrying(message, call.context),
            written: () => call.answer(undefined),
            unsent: (failure) => call.unsent(failure),
          };
        }
        case "cancel":
          this.outgoing.requestCancellation(sent.id);
          break;
        case "response": {
          const mark = this.incoming.take(sent.id)?.answer(sent.error);
          if (mark === undefined || !this.injects) break;
          return { message: withMembers(message, { [MARK_KEY]: mark }) };
        }
      }
      return { message };
    });
  }

  /** A message that has arrived and is about to be queued. */
  receive(message: Message): void {
    guarded(undefined, () => {
      const received = classify(message);
      if (received?.kind === "response") {
        const mark = (message as { [MARK_KEY]?: unknown })[MARK_KEY];
        this.outgoing.take(received.id)?.answer(received.error, mark);
      } else if (received?.kind === "cancel") {
        this.incoming.requestCancellation(received.id);
      } else if (received?.kind === "request") {
        const { runtime } = globalState();
        if (runtime === undefined) return;
        const caller = extract(message, ROOT_CONTEXT);
        const call = new RpcCall(runtime, received.method, "handler", caller);
        this.incoming.add(received.id, call);
      }
    });
  }

  /** Runs the dispatch of a queued message in the context of its handler, and gives back what it gives. */
  dispatch(message: Message, next: (message: Message) => unknown): unknown {
    const { inside, call } = guarded({}, () => this.handling(message));
    if (inside === undefined) return next(message);
    try {
      return context.with(inside, next, undefined, message);
    } finally {
      call?.answer(undefined);
    }
  }

  /** The connection is closed or disposed: no response will come or go any more. */
  lose(): void {
    guarded(undefined, () => {
      this.outgoing.lose();
      this.incoming.lose();
    });
  }

  /** The context of a message's handler, and the call that ends with it. */
  private handling(message: Message): { readonly inside?: Context; readonly call?: RpcCall } {
    const received = classify(message);
    if (received?.kind === "request") {
      // By its id, since a strategy may pass on another object than it was given.
      const call = this.incoming.get(received.id);
      return call === undefined ? {} : { inside: call.context };
    }
    const { runtime } = globalState();
    if (received?.kind !== "notification" || runtime === undefined) return {};
    const caller = extract(message, ROOT_CONTEXT);
    if (isProtocolMethod(received.method))
      return trace.getSpan(caller) === undefined ? {} : { inside: caller };
    const call = new RpcCall(runtime, received.method, "handler", caller);
    return { inside: call.context, call };
  }

  private carrying(message: Message, inside: Context): Message {
    return this.injects ? withMembers(message, inject({}, inside)) : message;
  }
}

function guarded<T>(otherwise: T, work: () => T): T {
  try {
    return work();
  } catch (error) {
    report("error", "a JSON-RPC message could not be traced", error);
    return otherwise;
  }
}
