import type { JsonRpcId } from "./JsonRpcMessage.js";
import type { RpcCall } from "./RpcCall.js";

/** Open requests of one direction of a connection: far above what an editor has, far below what hurts (about 1 kB each). */
const MAX_OPEN = 10_000;

/** The requests of one direction that have no response yet. */
export class OpenCalls {
  private readonly calls = new Map<JsonRpcId, RpcCall>();

  /** Above the bound the oldest gives way; an id that is used again ends its former call. */
  add(id: JsonRpcId, call: RpcCall): void {
    this.take(id)?.abandon();
    if (this.calls.size >= MAX_OPEN) {
      const oldest = this.calls.keys().next();
      if (oldest.done !== true) this.take(oldest.value)?.abandon();
    }
    this.calls.set(id, call);
  }

  get(id: JsonRpcId | undefined): RpcCall | undefined {
    return id === undefined ? undefined : this.calls.get(id);
  }

  take(id: JsonRpcId): RpcCall | undefined {
    const call = this.calls.get(id);
    this.calls.delete(id);
    return call;
  }

  /** The connection is gone. */
  lose(): void {
    const calls = [...this.calls.values()];
    this.calls.clear();
    for (const call of calls) call.lost();
  }
}
