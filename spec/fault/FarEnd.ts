import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { ServerOptions } from "node:https";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { gunzipSync } from "node:zlib";
import { Arrivals } from "./Arrivals";

/** What a far end does with a request that it has read. */
export type Behaviour = (response: ServerResponse, request: IncomingMessage, body: string) => void;

/** A collector and a PostHog on one port, whose behaviour can be switched while clients are connected. */
export class FarEnd {
  /** What was acknowledged. */
  readonly arrivals = new Arrivals();
  behaviour: Behaviour = (response, request, body) => this.accept(response, request, body);
  requests = 0;
  port = 0;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  /** Starts listening, on the port that it had before if it had one. */
  async listen(tls?: ServerOptions): Promise<this> {
    const listener = (request: IncomingMessage, response: ServerResponse): void =>
      this.#read(request, response);
    const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener);
    server.on(tls === undefined ? "connection" : "secureConnection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket)).on("error", () => undefined);
    });
    server.on("clientError", (_error, socket) => socket.destroy());
    await new Promise<void>((resolve, reject) =>
      server.once("error", reject).listen(this.port, "127.0.0.1", resolve),
    );
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    return this;
  }

  /** Stops listening and cuts every connection; new ones are refused. */
  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }

  /** Works as it should from now on. */
  async recover(): Promise<void> {
    this.behaviour = (response, request, body) => this.accept(response, request, body);
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server === undefined) await this.listen();
  }

  /** Accepts everything that arrived. */
  accept(response: ServerResponse, request: IncomingMessage, body: string, reply = "{}"): void {
    this.arrivals.take(request.url ?? "", body);
    response.writeHead(200, { "content-type": "application/json" }).end(reply);
  }

  #read(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("error", () => undefined);
    request.on("end", () => {
      this.requests++;
      const bytes = Buffer.concat(chunks);
      const body = (
        request.headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes
      ).toString("utf8");
      this.behaviour(response, request, body);
    });
  }
}
