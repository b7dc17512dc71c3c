import type * as http from "node:http";
import type * as https from "node:https";
import { HostLookup } from "./HostLookup.js";

/** Connections kept to one far end: replay, the batch under way and a probe. */
const MAX_SOCKETS = 8;
/** A kept connection is closed after this time without use, in ms; below the 5 s after which servers do so. */
const KEEP_ALIVE_MS = 4_000;

/** The HTTP side of one courier, loaded when the first request is due: node:http alone costs 4 ms at start. */
export class Agents {
  private readonly agents = new Map<string, http.Agent>();
  private readonly names = new HostLookup();

  /** The agent for `http:` or `https:`. */
  forProtocol(protocol: string): http.Agent {
    let agent = this.agents.get(protocol);
    if (agent === undefined) {
      agent = new (moduleFor(protocol).Agent)({ keepAlive: true, maxSockets: MAX_SOCKETS, timeout: KEEP_ALIVE_MS });
      this.agents.set(protocol, agent);
    }
    return agent;
  }

  request(url: URL, options: http.RequestOptions): http.ClientRequest {
    return moduleFor(url.protocol).request(url, { lookup: this.names.lookup, ...options });
  }

  /** Ends what would hold the process: look-ups of names. Connections do not. */
  letGo(): void {
    this.names.cancel();
  }

  /** Closes every connection. */
  destroy(): void {
    this.letGo();
    for (const agent of this.agents.values()) agent.destroy();
    this.agents.clear();
  }
}

function moduleFor(protocol: string): typeof http | typeof https {
  return protocol === "https:" ? process.getBuiltinModule("node:https") : process.getBuiltinModule("node:http");
}
