import { PassThrough } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import type { Message } from "vscode-jsonrpc";
import type { MessageConnection, MessageReader, MessageWriter } from "vscode-jsonrpc/node";
import {
  Emitter,
  NullLogger,
  StreamMessageReader,
  StreamMessageWriter,
  createMessageConnection,
} from "vscode-jsonrpc/node";
import { traceConnection } from "../../../lib/jsonrpc.js";
import { looksOf, outcomeOf } from "../../support/sameAs.js";
import type { TestTelemetry } from "../../support/telemetry.js";
import { startTelemetry } from "../../support/telemetry.js";

const NOTIFICATION = { jsonrpc: "2.0", method: "note" } as Message;
const REQUEST = { jsonrpc: "2.0", id: 1, method: "ask" } as Message;
const RESPONSE = { jsonrpc: "2.0", id: 1, result: 1 } as Message;
const PROGRESS = { jsonrpc: "2.0", method: "$/progress" } as Message;

type AnyStrategy = (message: Message, next: (message: Message) => unknown) => unknown;

let telemetry: TestTelemetry;
beforeEach(() => {
  telemetry = startTelemetry();
});
afterEach(() => telemetry.stop());

/** A writer as a host may write it: private fields, a fluent method, an own function, an accessor, a symbol. */
class HostWriter {
  static readonly kind = "host";
  readonly written: unknown[][] = [];
  readonly onError = new Emitter<[Error, Message | undefined, number | undefined]>().event;
  readonly onClose = new Emitter<void>().event;
  readonly [Symbol.toStringTag] = "HostWriter";
  #level = 1;
  limit = 5;
  readonly report = (): number => this.#level;
  get level(): number {
    return this.#level;
  }
  set level(value: number) {
    this.#level = value;
  }
  raise(): this {
    this.#level++;
    return this;
  }
  write(...args: [Message, ...unknown[]]): Promise<void> {
    this.written.push(args);
    return Promise.resolve();
  }
  end(): void {
    this.written.length = this.#level - 1;
  }
  dispose(): string {
    return `disposed at ${this.#level}`;
  }
}

const reader = (): MessageReader => new StreamMessageReader(new PassThrough());
const traced = (below = new HostWriter()): HostWriter => traceConnection(reader(), below).writer;

describe("a traced reader or writer", () => {
  test.each<[string, (writer: HostWriter) => unknown]>([
    [
      "its class",
      (writer) => [
        writer instanceof HostWriter,
        writer.constructor === HostWriter,
        Object.getPrototypeOf(writer) === HostWriter.prototype,
      ],
    ],
    ["a static through its class", (writer) => (writer.constructor as typeof HostWriter).kind],
    [
      "its keys",
      (writer) => [
        Object.keys(writer),
        Reflect.ownKeys(writer),
        "limit" in writer,
        "none" in writer,
      ],
    ],
    ["a spread", (writer) => Object.keys({ ...(writer as object) })],
    [
      "whether a member is its own",
      (writer) => [Object.hasOwn(writer, "limit"), Object.hasOwn(writer, "write")],
    ],
    ["a member's descriptor", (writer) => Object.getOwnPropertyDescriptor(writer, "limit")],
    ["its tag", (writer) => Object.prototype.toString.call(writer)],
    ["an accessor", (writer) => ((writer.level = 7), [writer.level, writer.report()])],
    ["a fluent method", (writer) => writer.raise() === writer],
    [
      "the identity of a method",
      (writer) => [writer.end === writer.end, writer.onClose === writer.onClose],
    ],
    ["a member that is set", (writer) => ((writer.limit = 9), [writer.limit, Object.keys(writer)])],
    [
      "a member that is deleted",
      (writer) => [Reflect.deleteProperty(writer, "limit"), Object.keys(writer)],
    ],
    [
      "a deleted method that is inherited",
      (writer) => [Reflect.deleteProperty(writer, "write"), typeof writer.write],
    ],
    ["what write gives", (writer) => writer.write(REQUEST) instanceof Promise],
    ["what dispose gives", (writer) => writer.dispose()],
    [
      "a method for another object",
      (writer) => outcomeOf(() => writer.raise.call({} as never)) instanceof Object,
    ],
    ...["write", "end", "dispose", "raise", "report", "onError", "onClose"].map(
      (key): [string, (writer: HostWriter) => unknown] => [
        `the looks of ${key}`,
        (writer) => looksOf(Reflect.get(writer, key)),
      ],
    ),
  ])("looks like the one below it: %s", (_what, look) => {
    expect(look(traced())).toEqual(look(new HostWriter()));
  });

  test("passes on arguments beyond the message, and adds none", async () => {
    const below = new HostWriter();
    await traced(below).write(RESPONSE, "urgent", undefined);
    expect(below.written).toEqual([[RESPONSE, "urgent", undefined]]);
  });

  test("throws immediately what write throws immediately, and rejects with what that rejects with", async () => {
    const failure = new Error("broken pipe");
    const refusing = (how: () => Promise<void>): HostWriter =>
      traced(Object.assign(new HostWriter(), { write: how }));
    const throwing = refusing(() => {
      throw failure;
    });
    for (const message of [REQUEST, NOTIFICATION, RESPONSE])
      expect(outcomeOf(() => throwing.write(message))).toEqual({ threw: failure });
    const rejecting = refusing(() => Promise.reject(failure));
    for (const message of [REQUEST, NOTIFICATION, RESPONSE])
      await expect(rejecting.write(message)).rejects.toBe(failure);
  });

  test("has the method that the host replaces, which may call the earlier one", async () => {
    const below = new HostWriter();
    const writer = traced(below);
    const { write } = writer;
    const seen: Message[] = [];
    const replaced: HostWriter["write"] = (message) => {
      seen.push(message);
      return write.call(writer, message);
    };
    writer.write = replaced;
    expect(writer.write).toBe(replaced);
    await writer.write(REQUEST);
    expect(seen).toEqual([REQUEST]);
    expect(below.written).toHaveLength(1);
    expect(Object.hasOwn(below, "write")).toBe(false);
    expect(Reflect.deleteProperty(writer, "write")).toBe(true);
    expect(writer.write).toBe(write);
  });

  test("returns what listen returns, and passes on whatever the reader passes on", () => {
    const below = Object.assign(reader(), {
      listen: (callback: (...args: unknown[]) => unknown, ...more: unknown[]) => ({
        given: callback.call("self", REQUEST, "more"),
        more,
      }),
    });
    const listen = (target: object): unknown =>
      (target as typeof below).listen(function (this: unknown, ...args) {
        return [String(this), args];
      }, "extra");
    expect(
      listen(traceConnection(below as unknown as MessageReader, new HostWriter()).reader),
    ).toEqual(listen(below));
  });

  test("writes a message that could not be copied faithfully as the same object", async () => {
    class Compact {
      readonly jsonrpc = "2.0";
      readonly method = "note";
      toJSON(): unknown {
        return { m: this.method };
      }
    }
    const below = new HostWriter();
    const message = new Compact();
    await traced(below).write(message);
    expect(below.written[0]?.[0]).toBe(message);
  });
});

describe("the traced message strategy", () => {
  const strategyOf = (own?: AnyStrategy): AnyStrategy => {
    const options = own === undefined ? {} : { messageStrategy: { handleMessage: own } };
    const { messageStrategy } = traceConnection(reader(), new HostWriter(), options);
    return (message, next) => messageStrategy.handleMessage(message, next);
  };
  const kinds: [string, Message][] = [
    ["a notification", NOTIFICATION],
    ["a request", REQUEST],
    ["a response", RESPONSE],
    ["a notification of the protocol", PROGRESS],
  ];

  test.each(kinds)("returns, throws and rejects as its next, for %s", async (_kind, message) => {
    const given = Promise.resolve();
    expect(strategyOf()(message, () => given)).toBe(given);
    expect(strategyOf()(message, () => undefined)).toBeUndefined();
    const failure = new Error("no");
    const throwing = (): never => {
      throw failure;
    };
    expect(outcomeOf(() => strategyOf()(message, throwing))).toEqual({ threw: failure });
    await expect(strategyOf()(message, () => Promise.reject(failure))).rejects.toBe(failure);
  });

  test.each(kinds)("returns what the host's own strategy returns, for %s", (_kind, message) => {
    const own = Promise.resolve();
    const given = Promise.resolve();
    const seen: unknown[] = [];
    const strategy = strategyOf((passed, next) => {
      seen.push(passed, next(passed));
      return own;
    });
    expect(strategy(message, () => given)).toBe(own);
    expect(seen).toEqual([message, given]);
    expect(seen[1]).toBe(given);
  });
});

describe("as many handlers run in parallel as without tracing", () => {
  async function most(withTracing: boolean, maxParallelism: number | undefined): Promise<number> {
    const [there, back] = [new PassThrough(), new PassThrough()];
    const connect = (input: PassThrough, output: PassThrough): MessageConnection => {
      let [from, to]: [MessageReader, MessageWriter] = [
        new StreamMessageReader(input),
        new StreamMessageWriter(output),
      ];
      let options: Record<string, unknown> = maxParallelism === undefined ? {} : { maxParallelism };
      if (withTracing) {
        const { messageStrategy, ...streams } = traceConnection(from, to);
        [from, to] = [streams.reader, streams.writer];
        options = { ...options, messageStrategy };
      }
      const connection = createMessageConnection(from, to, NullLogger, options);
      connection.listen();
      return connection;
    };
    const [client, server] = [connect(back, there), connect(there, back)];
    let running = 0;
    let highest = 0;
    server.onRequest("work", async () => {
      highest = Math.max(highest, ++running);
      for (let step = 0; step < 20; step++) await turn();
      running--;
      return null;
    });
    await Promise.all(Array.from({ length: 5 }, () => client.sendRequest("work")));
    client.dispose();
    server.dispose();
    return highest;
  }

  // Versions before 9 have no bound.
  test.each([undefined, 1, 2])("with a bound of %p", async (bound) => {
    expect(await most(true, bound)).toBe(await most(false, bound));
  });
});
