import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { connect, createServer } from "node:net";
import type { Message, MessageConnection } from "vscode-jsonrpc/node";
import {
  StreamMessageReader,
  StreamMessageWriter,
  createMessageConnection,
} from "vscode-jsonrpc/node";
import type { TraceConnectionOptions } from "../../../lib/jsonrpc.js";
import { traceConnection } from "../../../lib/jsonrpc.js";

/** One end of a real socket connection, and the messages that arrived at it, as the peer sent them. */
export interface Peer {
  readonly connection: MessageConnection;
  readonly received: Record<string, unknown>[];
  readonly socket: Socket;
}

export type Side = TraceConnectionOptions | "unaware";

/** Two ends of a socket on this machine, each traced or not. */
export async function connectPeers(
  left: Side = {},
  right: Side = {},
): Promise<{ client: Peer; server: Peer; close: () => void }> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const clientSocket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [serverSocket] = (await once(server, "connection")) as [Socket];
  server.close();
  const peers = { client: makePeer(clientSocket, left), server: makePeer(serverSocket, right) };
  return {
    ...peers,
    close() {
      peers.client.connection.dispose();
      peers.server.connection.dispose();
      clientSocket.destroy();
      serverSocket.destroy();
    },
  };
}

export function makePeer(socket: Socket, side: Side): Peer {
  const received: Record<string, unknown>[] = [];
  const plain = new StreamMessageReader(socket);
  const writer = new StreamMessageWriter(socket);
  const watched = new Proxy(plain, {
    get(target, key) {
      if (key === "listen") {
        return (callback: (message: Message) => void) =>
          target.listen((message) => {
            received.push({ ...message });
            callback(message);
          });
      }
      const member: unknown = Reflect.get(target, key);
      return typeof member === "function" ? (member as () => void).bind(target) : member;
    },
  });
  if (side === "unaware") {
    const connection = createMessageConnection(watched, writer);
    return { connection, received, socket };
  }
  const traced = traceConnection(watched, writer, side);
  const connection = createMessageConnection(traced.reader, traced.writer, undefined, {
    messageStrategy: traced.messageStrategy,
  });
  return { connection, received, socket };
}
