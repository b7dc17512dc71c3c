import type * as http from "node:http";
import type * as https from "node:https";
import { urlToHttpOptions } from "node:url";
import { HostLookup } from "./HostLookup.js";

/** Connections kept to one far end: replay, the batch under way and a probe. */
const MAX_SOCKETS = 8;
/** A kept connection is closed after this time without use, in ms; below the 5 s after which servers do so. */
const KEEP_ALIVE_MS = 4_000;

/** What requests to one URL have in common. */
interface Destination {
  readonly url: string;
  readonly agent: http.Agent;
  readonly module: typeof http | typeof https;
  readonly options: http.RequestOptions & { readonly servername?: string };
}

/** The HTTP side of one courier, loaded when the first request is due: node:http alone costs 4 ms at start. */
export class Agents {
  private readonly names = new HostLookup();
  /** Of the one URL that a courier has: to take it apart again for each request would be a tenth of its cost. */
  private destination: Destination | undefined;

  /** Makes what the first request to this URL would else have to make. False when there can be none; does not throw. */
  prepare(url: string): boolean {
    if (this.destination?.url === url) return true;
    try {
      this.destination = this.destinationOf(url);
      return true;
    } catch {
      // No URL; one whose credentials nobody can decode; a host that has put something else in the place of node:http.
      return false;
    }
  }

  /** Begins a POST. Throws when there can be none, for the URL or a header. */
  post(url: string, headers: http.OutgoingHttpHeaders): http.ClientRequest {
    if (!this.prepare(url) || this.destination === undefined) throw new TypeError("no URL");
    const { module, options } = this.destination;
    return module.request({ ...options, headers });
  }

  /** Ends what would hold the process: look-ups of names. Connections do not. */
  letGo(): void {
    this.names.cancel();
  }

  /** Closes every connection. */
  destroy(): void {
    this.letGo();
    this.destination?.agent.destroy();
    this.destination = undefined;
  }

  private destinationOf(url: string): Destination {
    const { protocol, hostname, port, path, auth } = urlToHttpOptions(new URL(url));
    const module = moduleFor(protocol);
    const agent = new module.Agent({
      keepAlive: true,
      maxSockets: MAX_SOCKETS,
      timeout: KEEP_ALIVE_MS,
    });
    const options = {
      method: "POST",
      agent,
      lookup: this.names.lookup,
      protocol,
      hostname,
      path,
      ...(port === undefined ? {} : { port }),
      ...(auth === undefined ? {} : { auth }),
      // Else it is made of the host for each request, though only TLS has a use for it.
      ...(protocol === "http:" ? { servername: "" } : {}),
    };
    return { url, agent, module, options };
  }
}

function moduleFor(protocol: string | null | undefined): typeof http | typeof https {
  return protocol === "https:"
    ? process.getBuiltinModule("node:https")
    : process.getBuiltinModule("node:http");
}
