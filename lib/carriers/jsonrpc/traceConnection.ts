import type { Message, MessageReader, MessageStrategy, MessageWriter } from "vscode-jsonrpc";
import { followCall } from "../../shared/followPromise.js";
import { diagnoseSetting } from "../../shared/diagnostics.js";
import { readMember } from "../../shared/readMember.js";
import type { Method } from "../../shared/interceptMethod.js";
import { Connection } from "./Connection.js";
import type { CarrierOptions } from "./CarrierOptions.js";
import { carrierOf } from "./CarrierOptions.js";

/** Options of `traceConnection`. */
export interface TraceConnectionOptions extends CarrierOptions {
  /** A message strategy of your own; it is called first, and what it passes on is traced. */
  readonly messageStrategy?: MessageStrategy;
}

/** What to pass to `createMessageConnection` in place of the original reader and writer. */
export interface TracedConnection<R, W> {
  /** Reads like the original, and traces what arrives. */
  readonly reader: R;
  /** Writes like the original, and traces what is sent. */
  readonly writer: W;
  /** To be passed in the connection's options; without it handlers run outside their spans. */
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
 * A request is a CLIENT span at its sender, from the call to the response, and a SERVER span at its receiver, from its
 * arrival to the response. A notification is a CLIENT span until it is written, and a SERVER span for the synchronous
 * part of its handler. Handlers run in the SERVER span's context. Notifications of the protocol itself (`$/progress`)
 * make no span; their handlers run in the sender's context.
 *
 * Spans follow the RPC conventions: `rpc.system.name` is `jsonrpc` and `rpc.method` is the method; for a response with
 * an error, `rpc.status_code` and `error.type` are its code. A request that its caller cancelled and that was given up
 * as a result is `land.cancelled`, not an error. When the connection is closed or disposed, open requests fail at the
 * caller and are cancelled at the handler.
 *
 * The given reader, writer and messages are not changed. Without `register`, messages pass untouched.
 */
export function traceConnection<R extends MessageReader, W extends MessageWriter>(
  reader: R,
  writer: W,
  options: TraceConnectionOptions = {},
): TracedConnection<R, W> {
  const strategy = readMember(options, "messageStrategy") as AnyMessageStrategy | undefined;
  const own = typeof readMember(strategy, "handleMessage") === "function" ? strategy : undefined;
  for (const [name, given] of Object.entries({ reader, writer })) {
    if (typeof readMember(given, "onClose") === "function") continue;
    const instead = "Both are returned unchanged.";
    diagnoseSetting(`traceConnection ${name}`, given, `a message ${name}`, instead);
    const messageStrategy = own ?? {
      handleMessage: (message: Message, next: (message: Message) => void) => next(message),
    };
    return { reader, writer, messageStrategy };
  }
  const connection = new Connection(carrierOf(options, "traceConnection"));
  const lose = (): void => connection.lose();
  reader.onClose(lose);
  writer.onClose(lose);

  const dispose: Intercept = (call, args) => {
    lose();
    return call(args);
  };
  return {
    reader: overlay(reader, {
      listen: (call, [callback, ...rest]) => {
        const received = function (this: unknown, ...args: unknown[]): unknown {
          connection.receive(args[0] as Message);
          return (callback as Method).apply(this, args);
        };
        return call([received, ...rest]);
      },
      dispose,
    }),
    writer: overlay(writer, {
      write: (call, [given, ...rest]) => {
        const { message, written, unsent } = connection.send(given as Message);
        const write = (): unknown => call([message, ...rest]);
        return unsent === undefined ? write() : followCall(write, () => written?.(), unsent);
      },
      dispose,
    }),
    messageStrategy: {
      handleMessage(message, next) {
        const dispatch = (passed: Message): unknown => connection.dispatch(passed, next);
        return own === undefined ? dispatch(message) : own.handleMessage(message, dispatch);
      },
    },
  };
}

/** From vscode-jsonrpc 9 on it returns the promise of `next`, which a connection with limited parallelism awaits. */
interface AnyMessageStrategy {
  handleMessage(message: Message, next: (message: Message) => unknown): unknown;
}

/** Called in place of a method of the object below; it may call that method, with these arguments or others. */
type Intercept = (call: (args: unknown[]) => unknown, args: unknown[]) => unknown;

/**
 * An object that behaves like the one below it, except that some of its methods are intercepted. The object below is
 * not changed, and keeps its `this` and its private fields; calls that it makes to itself are not intercepted.
 */
function overlay<T extends object>(below: T, intercepts: Record<string, Intercept>): T {
  const methods = new WeakMap<Method, Method>();
  // An empty target: a frozen reader or writer would otherwise dictate its own members. It holds what the host
  // assigns in place of an intercepted method.
  const target = Object.create(Object.getPrototypeOf(below) as object | null) as T;
  const over: T = new Proxy(target, {
    get(_target, key) {
      if (Object.hasOwn(target, key)) return Reflect.get(target, key) as unknown;
      const member: unknown = Reflect.get(below, key);
      if (typeof member !== "function" || key === "constructor") return member;
      const known = methods.get(member as Method) ?? methodOf(member as Method, key);
      methods.set(member as Method, known);
      return known;
    },
    set: (_target, key, value) => Reflect.set(isIntercepted(key) ? target : below, key, value),
    has: (_target, key) => key in below,
    ownKeys: () => Reflect.ownKeys(below),
    getOwnPropertyDescriptor(_target, key) {
      const descriptor = Reflect.getOwnPropertyDescriptor(below, key);
      return descriptor && { ...descriptor, configurable: true };
    },
    deleteProperty: (_target, key) =>
      Reflect.deleteProperty(target, key) && Reflect.deleteProperty(below, key),
  });
  const isIntercepted = (key: PropertyKey): boolean => Object.hasOwn(intercepts, key);
  /** The method itself, with the object below as its `this` when it is called on the overlay or without a `this`. */
  const methodOf = (method: Method, key: PropertyKey): Method =>
    new Proxy(method, {
      apply(_method, self: unknown, args: unknown[]) {
        const own = self === over || self === undefined ? below : self;
        const call = (passed: unknown[]): unknown => Reflect.apply(method, own, passed);
        const result = isIntercepted(key) ? intercepts[key as string]?.(call, args) : call(args);
        return result === below ? over : result;
      },
    });
  return over;
}
