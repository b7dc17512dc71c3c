import type { Message, MessageReader, MessageStrategy, MessageWriter } from "vscode-jsonrpc";
import { followCall } from "../../shared/followPromise.js";
import type { Outgoing } from "./Connection.js";
import { Connection } from "./Connection.js";

export interface TraceConnectionOptions {
  /**
   * Whether messages carry `traceparent`, `tracestate` and `baggage`, and responses to counted failures
   * `land-counted`, as members beside the standard ones. Off for peers that refuse members they do not
   * know; each side then has traces of its own. Default: true.
   */
  readonly inject?: boolean;
  /** A message strategy of your own; it is asked first, and what it passes on is traced. */
  readonly messageStrategy?: MessageStrategy;
}

/** What `createMessageConnection` takes in place of the reader and writer that were given. */
export interface TracedConnection<R, W> {
  readonly reader: R;
  readonly writer: W;
  /** To be given in the connection's options; without it handlers run outside of their spans. */
  readonly messageStrategy: MessageStrategy;
}

/**
 * Traces a vscode-jsonrpc connection, in both directions:
 *
 * ```ts
 * const { reader, writer, messageStrategy } = traceConnection(new StreamMessageReader(input), new StreamMessageWriter(output));
 * const connection = createMessageConnection(reader, writer, logger, { messageStrategy });
 * ```
 *
 * A request is a CLIENT span at its sender, from the call to the response, and a SERVER span at its
 * receiver, from its arrival to the response; a notification likewise, to its being written, and for the
 * synchronous part of its handler. Handlers run in the SERVER span's context. Notifications of the protocol itself (`$/progress`)
 * make no span; their handlers run in the context of the sender.
 *
 * Spans follow the RPC conventions: `rpc.system.name` is `jsonrpc`, `rpc.method` the method, and for a
 * response with an error `rpc.status_code` and `error.type` its code. A request that its caller cancelled
 * and that was given up for it is `land.cancelled`, not an error. When the connection is closed or
 * disposed, open requests fail at the caller and are cancelled at the handler.
 *
 * The given reader, writer and messages are not changed. Without `register` messages pass untouched.
 */
export function traceConnection<R extends MessageReader, W extends MessageWriter>(
  reader: R,
  writer: W,
  options: TraceConnectionOptions = {},
): TracedConnection<R, W> {
  const connection = new Connection(options.inject ?? true);
  const lose = (): void => connection.lose();
  reader.onClose(lose);
  writer.onClose(lose);

  const own = options.messageStrategy;
  return {
    reader: overlay<MessageReader>(reader, {
      listen: (callback) =>
        reader.listen((message) => {
          connection.receive(message);
          callback(message);
        }),
      dispose() {
        lose();
        reader.dispose();
      },
    }) as R,
    writer: overlay<MessageWriter>(writer, {
      write: (message) => write(writer, connection.send(message)),
      dispose() {
        lose();
        writer.dispose();
      },
    }) as W,
    messageStrategy: {
      handleMessage(message, next) {
        const dispatch = (passed: Message): void => connection.dispatch(passed, next);
        if (own === undefined) dispatch(message);
        else own.handleMessage(message, dispatch);
      },
    },
  };
}

function write(writer: MessageWriter, { message, written, unsent }: Outgoing): Promise<void> {
  const writing = (): Promise<void> => writer.write(message);
  return unsent === undefined ? writing() : followCall(writing, () => written?.(), unsent);
}

/**
 * An object that answers like the one below it, but for some members. The object below is not touched,
 * and keeps its `this` and its private fields.
 */
function overlay<T extends object>(below: T, members: Partial<T>): T {
  // An empty target: a frozen reader or writer would otherwise dictate its own members.
  const target = Object.create(Object.getPrototypeOf(below) as object | null) as T;
  return new Proxy(target, {
    get(_target, key) {
      if (Object.hasOwn(members, key)) return Reflect.get(members, key) as unknown;
      const member: unknown = Reflect.get(below, key);
      return typeof member === "function"
        ? (member as (...args: unknown[]) => unknown).bind(below)
        : member;
    },
    set: (_target, key, value) => Reflect.set(below, key, value),
    has: (_target, key) => key in below,
  });
}
