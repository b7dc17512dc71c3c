import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Limits a server's open connections by closing the one that has gone longest without an answered request.
 * Refusing the newest instead would let a few hundred silent connections lock everybody out.
 */
export class ConnectionLimit {
  accepted = 0;
  evicted = 0;
  readonly #open = new Set<Socket>();

  constructor(server: Server, maxConnections: number) {
    server.on("connection", (socket) => {
      this.accepted++;
      this.#open.add(socket);
      socket.once("close", () => this.#open.delete(socket));
      const [oldest] = this.#open;
      if (this.#open.size <= maxConnections || oldest === undefined) return;
      this.evicted++;
      this.#open.delete(oldest);
      oldest.destroy();
    });
    server.on("request", (request, response) => {
      response.once("finish", () => {
        if (this.#open.delete(request.socket)) this.#open.add(request.socket);
      });
    });
  }

  get open(): number {
    return this.#open.size;
  }
}
