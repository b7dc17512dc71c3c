import type { Context } from "@opentelemetry/api";
import { ROOT_CONTEXT, context, trace } from "@opentelemetry/api";
import { MARK_KEY } from "../../failures/mark.js";
import { globalState } from "../../shared/globalState.js";
import { extract, inject } from "../headers.js";
import type { MessageCarrier } from "./CarrierOptions.js";
import { classify, isProtocolMethod, metaOf, withMembers, withMeta } from "./JsonRpcMessage.js";
import { OpenCalls, RpcCall } from "./RpcCall.js";
import { report } from "../../shared/report.js";

/** An outgoing message, and what to do when it has been written or could not be. */
export interface Outgoing<M> {
  readonly message: M;
  readonly written?: () => void;
  readonly unsent?: (failure: unknown) => void;
}

/** The spans of one connection. Nothing here throws: a message always gets through. */
export class Connection {
  private readonly outgoing = new OpenCalls();
  private readonly incoming = new OpenCalls();

  constructor(private readonly carrier: MessageCarrier) {}

  /** Traces a message that the connection is about to write. */
  send<M extends object>(message: M): Outgoing<M> {
    return guarded<Outgoing<M>>({ message }, () => {
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
          this.outgoing.requestCancellation(sent.id, sent.isAnswered);
          break;
        case "response": {
          const mark = this.incoming.take(sent.id)?.answer(sent.error);
          if (mark === undefined || this.carrier !== "message") break;
          return { message: withMembers(message, { [MARK_KEY]: mark }) };
        }
      }
      return { message };
    });
  }

  /** Traces a message that has arrived and is about to be queued. */
  receive(message: object): void {
    guarded(undefined, () => {
      const received = classify(message);
      if (received?.kind === "response") {
        const mark = (message as { [MARK_KEY]?: unknown })[MARK_KEY];
        this.outgoing.take(received.id)?.answer(received.error, mark);
      } else if (received?.kind === "cancel") {
        this.incoming.requestCancellation(received.id, received.isAnswered);
      } else if (received?.kind === "request") {
        const { runtime } = globalState();
        if (runtime === undefined) return;
        const call = new RpcCall(runtime, received.method, "handler", this.callerOf(message));
        this.incoming.add(received.id, call);
      }
    });
  }

  /** Dispatches a queued message in the context of its handler, and returns what the dispatch returns. */
  dispatch<M extends object, R>(message: M, next: (message: M) => R): R {
    const { inside, call } = guarded({}, () => this.handling(message));
    if (inside === undefined) return next(message);
    try {
      return context.with(inside, next, undefined, message);
    } finally {
      call?.answer(undefined);
    }
  }

  /** The connection is closed or disposed: no more responses will arrive or be sent. */
  lose(): void {
    guarded(undefined, () => {
      this.outgoing.lose();
      this.incoming.lose();
    });
  }

  /** The context for a message's handler, and the call that ends with the handler. */
  private handling(message: object): { readonly inside?: Context; readonly call?: RpcCall } {
    const received = classify(message);
    if (received?.kind === "request") {
      // By its id, since a message strategy may pass on a different object from the one it received.
      const call = this.incoming.get(received.id);
      return call === undefined ? {} : { inside: call.context };
    }
    const { runtime } = globalState();
    if (received?.kind !== "notification" || runtime === undefined) return {};
    const caller = this.callerOf(message);
    if (isProtocolMethod(received.method))
      return trace.getSpan(caller) === undefined ? {} : { inside: caller };
    const call = new RpcCall(runtime, received.method, "handler", caller);
    return { inside: call.context, call };
  }

  private callerOf(message: object): Context {
    return extract(this.carrier === "params._meta" ? metaOf(message) : message, ROOT_CONTEXT);
  }

  private carrying<M extends object>(message: M, inside: Context): M {
    if (this.carrier === "none") return message;
    const keys = inject({}, inside);
    return this.carrier === "message" ? withMembers(message, keys) : withMeta(message, keys);
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
