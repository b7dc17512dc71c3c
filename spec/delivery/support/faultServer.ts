import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { gunzipSync } from "node:zlib";

/** What the endpoint does with a request whose body it has read. */
export type Fault = (response: ServerResponse, request: IncomingMessage, body: string) => void;

/** An endpoint that takes requests or fails in a chosen way. */
export interface FaultServer {
  readonly url: string;
  readonly port: number;
  /** The bodies of the requests that {@link accept} answered with a 200. */
  readonly taken: string[];
  /** How many requests arrived. */
  requests: number;
  /** How many connections were made. */
  connections: number;
  /** How many requests had a gzipped body. */
  gzipped: number;
  fault: Fault;
  close(): Promise<void>;
}

/** Answers 200 with an empty JSON object. */
export const accept: Fault = (response) => {
  response.writeHead(200, { "content-type": "application/json" }).end("{}");
};

/** Answers with a status and a meaningless body. */
export function status(code: number, headers: Record<string, string> = {}): Fault {
  return (response) => response.writeHead(code, headers).end("no");
}

export async function startFaultServer(): Promise<FaultServer> {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      self.requests++;
      const gzipped = request.headers["content-encoding"] === "gzip";
      if (gzipped) self.gzipped++;
      const bytes = Buffer.concat(chunks);
      const body = (gzipped ? gunzipSync(bytes) : bytes).toString("utf8");
      response.on("finish", () => {
        if (response.statusCode === 200 && self.fault === accept) self.taken.push(body);
      });
      self.fault(response, request, body);
    });
  });
  server.on("connection", (socket) => {
    self.connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => undefined);
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const self: FaultServer = {
    url: `http://127.0.0.1:${port}/v1/traces`,
    port,
    taken: [],
    requests: 0,
    connections: 0,
    gzipped: 0,
    fault: accept,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
  return self;
}
