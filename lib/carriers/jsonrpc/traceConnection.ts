import type {
  DataCallback,
  Message,
  MessageReader,
  MessageStrategy,
  MessageWriter,
} from "vscode-jsonrpc";
import { followPromise } from "../../shared/followPromise.js";
import { Connection } from "./Connection.js";
import { overlay } from "./overlay.js";

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

  const tracedReader: Partial<MessageReader> = {
    listen: (callback: DataCallback) =>
      reader.listen((message) => {
        connection.receive(message);
        callback(message);
      }),
    dispose() {
      lose();
      reader.dispose();
    },
  };
  const tracedWriter: Partial<MessageWriter> = {
    write: (message: Message) => write(writer, connection, message),
    dispose() {
      lose();
      writer.dispose();
    },
  };
  const own = options.messageStrategy;
  return {
    reader: overlay(reader, tracedReader as Partial<R>),
    writer: overlay(writer, tracedWriter as Partial<W>),
    messageStrategy: {
      handleMessage(message, next) {
        const dispatch = (passed: Message): void => connection.dispatch(passed, next);
        if (own === undefined) dispatch(message);
        else own.handleMessage(message, dispatch);
      },
    },
  };
}

function write(writer: MessageWriter, connection: Connection, message: Message): Promise<void> {
  const { message: traced, written, unsent } = connection.send(message);
  let writing: Promise<void>;
  try {
    writing = writer.write(traced);
  } catch (failure) {
    unsent?.(failure);
    throw failure;
  }
  if (unsent === undefined) return writing;
  return followPromise(
    writing,
    () => written?.(),
    (failure) => unsent(failure),
  ) as Promise<void>;
}
