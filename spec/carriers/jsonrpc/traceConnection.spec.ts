import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  context,
  propagation,
  trace,
} from "@opentelemetry/api";
import type { Message, MessageReader, MessageWriter } from "vscode-jsonrpc/node";
import {
  CancellationTokenSource,
  Emitter,
  ErrorCodes,
  ProgressType,
  RequestType2,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
  createMessageConnection,
} from "vscode-jsonrpc/node";
import { traceHandler } from "../../../lib/handlers/traceHandler.js";
import { traceConnection } from "../../../lib/jsonrpc.js";
import { globalState } from "../../../lib/shared/globalState.js";
import { withSpan } from "../../../lib/tracing/withSpan.js";
import { bundle } from "../../support/bundle.js";
import type { TestTelemetry } from "../../support/telemetry.js";
import { activeSpanId, startTelemetry } from "../../support/telemetry.js";
import type { Peer, Side } from "./connect.js";
import { connectPeers } from "./connect.js";

describe("traceConnection", () => {
  let telemetry: TestTelemetry;
  let client: Peer;
  let server: Peer;
  let close: () => void;

  beforeEach(() => {
    telemetry = startTelemetry();
  });
  afterEach(() => {
    close();
    telemetry.stop();
  });

  async function connected(left?: Side, right?: Side): Promise<void> {
    ({ client, server, close } = await connectPeers(left, right));
  }

  function listen(): void {
    client.connection.listen();
    server.connection.listen();
  }

  function spanOf(name: string, kind: SpanKind) {
    const [span, ...more] = telemetry
      .spans()
      .filter((ended) => ended.name === name && ended.kind === kind);
    if (span === undefined || more.length > 0)
      throw new Error(`${more.length} more than one, or none: ${name}`);
    return span;
  }

  test("a request makes a CLIENT and a SERVER span of one trace, below the caller's span", async () => {
    await connected();
    let inside: string | undefined;
    server.connection.onRequest("math/add", (a: number, b: number) => {
      inside = activeSpanId();
      return a + b;
    });
    listen();
    const sum = await withSpan("caller", () => client.connection.sendRequest("math/add", 1, 2));
    expect(sum).toBe(3);
    const [outer, sent, handled] = [
      telemetry.span("caller"),
      spanOf("math/add", SpanKind.CLIENT),
      spanOf("math/add", SpanKind.SERVER),
    ];
    expect(sent.parentSpanContext?.spanId).toBe(outer.spanContext().spanId);
    expect(handled.parentSpanContext).toMatchObject({
      spanId: sent.spanContext().spanId,
      isRemote: true,
    });
    expect(inside).toBe(handled.spanContext().spanId);
    for (const span of [sent, handled]) {
      expect(span.attributes).toEqual({ "rpc.system.name": "jsonrpc", "rpc.method": "math/add" });
      expect(span.status.code).toBe(SpanStatusCode.UNSET);
    }
  });

  test("a request sent back while handling one belongs to the same trace", async () => {
    await connected();
    client.connection.onRequest("ask", async () => (await turn(), activeSpanId()));
    server.connection.onRequest("work", () => server.connection.sendRequest("ask"));
    listen();
    const inside = await client.connection.sendRequest("work");
    const ask = spanOf("ask", SpanKind.SERVER);
    expect(inside).toBe(ask.spanContext().spanId);
    expect(spanOf("ask", SpanKind.CLIENT).parentSpanContext?.spanId).toBe(
      spanOf("work", SpanKind.SERVER).spanContext().spanId,
    );
    expect(new Set(telemetry.spans().map((span) => span.spanContext().traceId)).size).toBe(1);
  });

  test("traceparent and baggage travel as members of the message, never in params", async () => {
    await connected();
    let baggage: string | undefined;
    server.connection.onRequest("named", () => {
      baggage = propagation.getActiveBaggage()?.getEntry("session.id")?.value;
      return null;
    });
    listen();
    await client.connection.sendRequest("named", { a: 1 });
    const [message] = server.received;
    expect(baggage).toBe("session");
    expect(message).toEqual({
      jsonrpc: "2.0",
      id: 0,
      method: "named",
      params: { a: 1 },
      traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-9]$/) as string,
      baggage: expect.stringContaining("session.id=session") as string,
    });
  });

  describe("an untraced peer", () => {
    test.each([
      ["no params", []],
      ["an object", [{ a: 1 }]],
      ["positions", [1, "two", null]],
      ["an array", [[1, 2]]],
    ])("gets the same arguments: %s", async (_what, params: unknown[]) => {
      const seen: unknown[][] = [];
      for (const traced of [true, false]) {
        await connected(traced ? {} : "unaware", "unaware");
        const done = new Promise<void>((resolve) => {
          server.connection.onNotification("notified", (...args: unknown[]) => {
            seen.push(args);
            resolve();
          });
        });
        server.connection.onRequest("asked", (...args: unknown[]) => {
          seen.push(args.slice(0, -1));
          return args.length;
        });
        listen();
        seen.push([await client.connection.sendRequest("asked", ...params)]);
        await client.connection.sendNotification("notified", ...params);
        await done;
        close();
      }
      expect(seen.slice(0, 3)).toEqual(seen.slice(3));
    });

    test("sends requests that are traced as roots, and responses that end our spans", async () => {
      await connected("unaware", {});
      server.connection.onRequest("asked", () => 1);
      client.connection.onRequest("back", () => 2);
      listen();
      expect(await client.connection.sendRequest("asked")).toBe(1);
      expect(await server.connection.sendRequest("back")).toBe(2);
      expect(spanOf("asked", SpanKind.SERVER).parentSpanContext).toBeUndefined();
      expect(spanOf("back", SpanKind.CLIENT).ended).toBe(true);
    });
  });

  test("inject: false adds no member, not even to the response of a counted failure", async () => {
    await connected({ inject: false }, { inject: false });
    server.connection.onRequest("fail", () => {
      throw new Error("boom");
    });
    listen();
    await expect(client.connection.sendRequest("fail")).rejects.toThrow("boom");
    expect(Object.keys(server.received[0] ?? {}).sort()).toEqual(["id", "jsonrpc", "method"]);
    expect(Object.keys(client.received[0] ?? {}).sort()).toEqual(["error", "id", "jsonrpc"]);
    expect(telemetry.spans()).toHaveLength(2);
  });

  describe("errors", () => {
    test.each([
      [
        "a throw",
        () => {
          throw new Error("boom");
        },
        ErrorCodes.InternalError,
        "Request m failed with message: boom",
        "boom",
      ],
      [
        "a ResponseError",
        () => {
          throw new ResponseError(-32001, "no", { secret: 1 });
        },
        -32001,
        "no",
        "no",
      ],
      ["a returned ResponseError", () => new ResponseError(7, "seven"), 7, "seven", "seven"],
      [
        "a rejection",
        () => Promise.reject(new TypeError("late")),
        ErrorCodes.InternalError,
        "Request m failed with message: late",
        "late",
      ],
    ])(
      "%s has the code as rpc.status_code and error.type",
      async (_what, handler: () => unknown, code, clientText, serverText) => {
        await connected();
        server.connection.onRequest("m", handler);
        listen();
        await expect(client.connection.sendRequest("m")).rejects.toMatchObject({
          code,
          message: clientText,
        });
        for (const [kind, text] of [
          [SpanKind.CLIENT, clientText],
          [SpanKind.SERVER, serverText],
        ] as const) {
          const span = spanOf("m", kind);
          expect(span.attributes).toMatchObject({
            "rpc.status_code": String(code),
            "error.type": String(code),
          });
          expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: text });
        }
      },
    );

    test("an unknown method rejects the request and fails the SERVER span", async () => {
      await connected();
      listen();
      await expect(client.connection.sendRequest("nobody")).rejects.toMatchObject({
        code: ErrorCodes.MethodNotFound,
      });
      expect(spanOf("nobody", SpanKind.SERVER).attributes["rpc.status_code"]).toBe("-32601");
    });

    test("a failure is counted once, where it began, though it fails every span above", async () => {
      await connected();
      const handler = traceHandler("inner", () =>
        withSpan("innermost", () => Promise.reject(new Error("boom"))),
      );
      server.connection.onRequest("fail", handler);
      client.connection.onRequest("relay", () => client.connection.sendRequest("fail"));
      listen();
      await expect(
        withSpan("caller", () => server.connection.sendRequest("relay")),
      ).rejects.toThrow("boom");
      expect(telemetry.counted).toEqual(["innermost"]);
      const failed = telemetry.spans().filter((span) => span.status.code === SpanStatusCode.ERROR);
      expect(failed.map((span) => span.name).sort()).toEqual([
        "caller",
        "fail",
        "fail",
        "inner",
        "innermost",
        "relay",
        "relay",
      ]);
    });

    test("the mark is a member of the response, beside the handler's unchanged error", async () => {
      await connected();
      server.connection.onRequest(
        "fail",
        () => new ResponseError(5, "five", { users: "see this" }),
      );
      listen();
      await expect(client.connection.sendRequest("fail")).rejects.toMatchObject({
        data: { users: "see this" },
      });
      const { traceId, spanId } = spanOf("fail", SpanKind.SERVER).spanContext();
      expect(client.received[0]).toEqual({
        jsonrpc: "2.0",
        id: 0,
        error: { code: 5, message: "five", data: { users: "see this" } },
        "land-counted": `${traceId}-${spanId}`,
      });
    });

    test("three equal failures are counted three times", async () => {
      await connected();
      server.connection.onRequest("fail", () => new ResponseError(5, "same"));
      listen();
      await withSpan("caller", async () => {
        for (let attempt = 0; attempt < 3; attempt++)
          await client.connection.sendRequest("fail").catch(() => undefined);
      });
      expect(telemetry.counted).toEqual(["fail", "fail", "fail"]);
    });

    test("a malformed mark, or one of another trace, does not keep a failure from being counted", async () => {
      await connected({}, "unaware");
      const marks = ["nonsense", `${"a".repeat(32)}-${"b".repeat(16)}`, { not: "text" }];
      const left = [...marks];
      const write = server.socket.write.bind(server.socket);
      server.connection.dispose();
      listenRaw(server.socket, (request) => {
        const body = JSON.stringify({
          jsonrpc: "2.0",
          id: request["id"],
          error: { code: 1, message: "x" },
          "land-counted": left.shift(),
        });
        write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
      });
      client.connection.listen();
      while (left.length > 0) await expect(client.connection.sendRequest("m")).rejects.toThrow("x");
      expect(telemetry.counted).toEqual(marks.map(() => "m"));
    });
  });

  test("across processes, a failure is one event and the trace is one", async () => {
    const child = spawn(process.execPath, [await bundle("spec/carriers/jsonrpc/peer.child.ts")], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const traced = traceConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    const connection = createMessageConnection(traced.reader, traced.writer, undefined, {
      messageStrategy: traced.messageStrategy,
    });
    connection.listen();
    const failing = withSpan("caller", () => connection.sendRequest("fail"));
    await expect(failing).rejects.toThrow("Request fail failed with message: over there");
    const report = await connection.sendRequest<{
      counted: string[];
      traceIds: string[];
      parents: string[];
    }>("report");
    connection.dispose();
    child.kill();
    await once(child, "exit");
    close = () => undefined;

    const sent = spanOf("fail", SpanKind.CLIENT).spanContext();
    expect(report).toEqual({ counted: ["fail"], traceIds: [sent.traceId], parents: [sent.spanId] });
    expect(telemetry.counted).toEqual([]);
    for (const name of ["fail", "caller"])
      expect(telemetry.span(name).status.code).toBe(SpanStatusCode.ERROR);
  });

  describe("cancellation", () => {
    test("a request that its caller cancels is cancelled on both sides", async () => {
      await connected();
      server.connection.onRequest("slow", async (token: CancellationTokenSource["token"]) => {
        await withSpan(
          "inner",
          () =>
            new Promise((_resolve, reject) => {
              token.onCancellationRequested(() =>
                reject(Object.assign(new Error("Canceled"), { name: "Canceled" })),
              );
            }),
        );
      });
      listen();
      const source = new CancellationTokenSource();
      const call = client.connection.sendRequest("slow", source.token);
      await until(() => server.received.length > 0);
      await turn();
      source.cancel();
      await expect(call).rejects.toThrow("Canceled");
      for (const span of telemetry.spans()) {
        expect(span.attributes["land.cancelled"]).toBe(true);
        expect(span.status.code).toBe(SpanStatusCode.UNSET);
      }
      expect(
        telemetry
          .spans()
          .map((span) => span.name)
          .sort(),
      ).toEqual(["inner", "slow", "slow"]);
      expect(server.received[1]).toEqual({
        jsonrpc: "2.0",
        method: "$/cancelRequest",
        params: { id: 0 },
      });
    });

    test("any other failure after the cancellation is still an error", async () => {
      await connected();
      server.connection.onRequest("stubborn", async (token: CancellationTokenSource["token"]) => {
        await new Promise<void>((resolve) => token.onCancellationRequested(() => resolve()));
        throw new Error("disk");
      });
      listen();
      const source = new CancellationTokenSource();
      const call = client.connection.sendRequest("stubborn", source.token);
      await until(() => server.received.length > 0);
      await turn();
      source.cancel();
      await expect(call).rejects.toThrow("disk");
      expect(spanOf("stubborn", SpanKind.SERVER).status.code).toBe(SpanStatusCode.ERROR);
    });

    test("an error code that means a cancellation is no failure, even if nobody here cancelled", async () => {
      await connected();
      let code = 0;
      server.connection.onRequest("m", () => new ResponseError(code, "not any more"));
      listen();
      for (code of [-32800, -32801, -32802])
        await expect(
          withSpan("around", () => client.connection.sendRequest("m")),
        ).rejects.toThrow();
      expect(telemetry.spans()).toHaveLength(9);
      for (const { status, attributes } of telemetry.spans()) {
        expect(status.code).toBe(SpanStatusCode.UNSET);
        expect(attributes["land.cancelled"]).toBe(true);
      }
    });

    test("the error code of a failed request is a failure", async () => {
      await connected();
      server.connection.onRequest("m", () => new ResponseError(-32803, "no"));
      listen();
      await expect(client.connection.sendRequest("m")).rejects.toThrow();
      expect(spanOf("m", SpanKind.CLIENT).status.code).toBe(SpanStatusCode.ERROR);
    });
  });

  describe("notifications and progress", () => {
    test("a notification makes a CLIENT and a SERVER span; its handler and what that awaits run inside", async () => {
      await connected();
      const seen = new Promise<(string | undefined)[]>((resolve) => {
        server.connection.onNotification("changed", () => {
          const before = activeSpanId();
          void turn().then(() => resolve([before, activeSpanId()]));
        });
      });
      listen();
      await client.connection.sendNotification("changed", { uri: "file:///a" });
      const inside = await seen;
      const handled = spanOf("changed", SpanKind.SERVER);
      expect(inside).toEqual([handled.spanContext().spanId, handled.spanContext().spanId]);
      expect(handled.parentSpanContext?.spanId).toBe(
        spanOf("changed", SpanKind.CLIENT).spanContext().spanId,
      );
    });

    test("progress makes no span and is handled in the context of its sender", async () => {
      await connected();
      const type = new ProgressType<number>();
      server.connection.onRequest("long", async () => {
        for (let step = 0; step < 3; step++)
          await server.connection.sendProgress(type, "token", step);
        return null;
      });
      const seen: unknown[] = [];
      client.connection.onProgress(type, "token", (step) => seen.push([step, activeSpanId()]));
      listen();
      await client.connection.sendRequest("long");
      const id = spanOf("long", SpanKind.SERVER).spanContext().spanId;
      expect(seen).toEqual([
        [0, id],
        [1, id],
        [2, id],
      ]);
      expect(telemetry.spans()).toHaveLength(2);
    });

    test("progress without an active span is written unchanged, even if there is baggage", async () => {
      await connected();
      const type = new ProgressType<number>();
      const seen = new Promise((resolve) => client.connection.onProgress(type, "token", resolve));
      listen();
      const baggage = propagation.createBaggage({ a: { value: "1" } });
      await context.with(propagation.setBaggage(ROOT_CONTEXT, baggage), () =>
        server.connection.sendProgress(type, "token", 1),
      );
      expect(await seen).toBe(1);
      expect(Object.keys(client.received[0] ?? {}).sort()).toEqual(["jsonrpc", "method", "params"]);
    });
  });

  test("1,000 interleaved calls both ways: each handler runs in its own span, below its own caller", async () => {
    await connected();
    const handle = async (name: string): Promise<(string | undefined)[]> => {
      const before = activeSpanId();
      for (let step = 0; step < name.length % 4; step++) await turn();
      return [before, activeSpanId()];
    };
    for (const { connection } of [client, server]) connection.onRequest("work", handle);
    listen();
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => {
        const { connection } = index % 2 === 0 ? client : server;
        return withSpan(`caller ${index}`, async () => {
          const inside = await connection.sendRequest<string[]>("work", "x".repeat(index % 7));
          return { inside, after: activeSpanId() };
        });
      }),
    );
    const spans = new Map(telemetry.spans().map((span) => [span.spanContext().spanId, span]));
    answers.forEach(({ inside, after }, index) => {
      expect(inside[0]).toBe(inside[1]);
      const handled = spans.get(inside[0] ?? "");
      const sent = spans.get(handled?.parentSpanContext?.spanId ?? "");
      expect(spans.get(sent?.parentSpanContext?.spanId ?? "")?.name).toBe(`caller ${index}`);
      expect(after).toBe(sent?.parentSpanContext?.spanId);
    });
    expect(spans.size).toBe(3_000);
  });

  describe("a connection that ends or fails", () => {
    test.each(["dispose", "socket"])("ends open spans once: %s", async (how) => {
      await connected();
      server.connection.onRequest("forever", () => new Promise(() => undefined));
      listen();
      const call = client.connection.sendRequest("forever").catch((error: unknown) => error);
      await until(() => server.received.length > 0);
      await turn();
      if (how === "dispose") {
        client.connection.dispose();
        server.connection.dispose();
        await call;
      } else {
        client.socket.destroy();
        server.socket.destroy();
        await Promise.all([once(client.socket, "close"), once(server.socket, "close")]);
      }
      expect(telemetry.spans()).toHaveLength(2);
      expect(spanOf("forever", SpanKind.CLIENT).attributes["rpc.status_code"]).toBe("-32097");
      expect(spanOf("forever", SpanKind.SERVER).attributes["land.cancelled"]).toBe(true);
    });

    test("fails the span of a notification that cannot be written", async () => {
      await connected();
      listen();
      const circular: Record<string, unknown> = {};
      circular["self"] = circular;
      await expect(client.connection.sendNotification("m", circular)).rejects.toThrow("circular");
      expect(spanOf("m", SpanKind.CLIENT).status.code).toBe(SpanStatusCode.ERROR);
    });

    test("keeps at most 10,000 requests open: the oldest gives way", async () => {
      await connected({}, "unaware");
      const closed = new Emitter<undefined>();
      const writer = { write: () => Promise.resolve(), onClose: closed.event };
      const reader = { onClose: new Emitter<void>().event } as unknown as MessageReader;
      const traced = traceConnection(reader, writer as unknown as MessageWriter);
      for (let id = 0; id <= 10_000; id++)
        await traced.writer.write({ jsonrpc: "2.0", id, method: "m" } as Message);
      expect(telemetry.spans().map((span) => span.attributes["land.unanswered"])).toEqual([true]);
      closed.fire(undefined);
      expect(telemetry.spans()).toHaveLength(10_001);
    });
  });

  test("the host's own strategy is called first, and what it passes on is traced", async () => {
    const asked: unknown[] = [];
    await connected(
      {},
      {
        messageStrategy: {
          handleMessage: (message, next) => {
            asked.push(message);
            next({ ...message });
          },
        },
      },
    );
    server.connection.onRequest("m", () => activeSpanId());
    listen();
    expect(await client.connection.sendRequest("m")).toBe(
      spanOf("m", SpanKind.SERVER).spanContext().spanId,
    );
    expect(asked).toHaveLength(1);
  });

  test.each(["reader", "writer"])("a closed %s ends the open requests", async (closing) => {
    await connected();
    const closes = { reader: new Emitter<void>(), writer: new Emitter<void>() };
    const { writer } = traceConnection(
      { onClose: closes.reader.event } as MessageReader,
      { onClose: closes.writer.event, write: () => Promise.resolve() } as unknown as MessageWriter,
    );
    const request = { jsonrpc: "2.0", id: 1, method: "m" };
    await writer.write(request);
    expect(telemetry.spans()).toEqual([]);
    closes[closing as keyof typeof closes].fire();
    expect(telemetry.span("m").status.code).toBe(SpanStatusCode.ERROR);
  });

  test("typed requests and frozen messages work, and messages stay unchanged", async () => {
    await connected();
    const type = new RequestType2<number, number, number, void>("add");
    server.connection.onRequest(type, (a, b) => a + b);
    listen();
    expect(await client.connection.sendRequest(type, 1, 2)).toBe(3);
    const written: Message[] = [];
    const inner = {
      write: (message: Message) => {
        written.push(message);
        return Promise.resolve();
      },
      onClose: new Emitter<void>().event,
    };
    const { writer } = traceConnection(
      { onClose: new Emitter<void>().event } as MessageReader,
      inner as unknown as MessageWriter,
    );
    const message = Object.freeze({ jsonrpc: "2.0", id: 1, method: "m", traceparent: "mine" });
    await writer.write(message);
    expect(written[0]).toMatchObject({ traceparent: "mine" });
    expect(Object.keys(message)).toEqual(["jsonrpc", "id", "method", "traceparent"]);
  });

  test("without telemetry, messages get no members and handlers no span", async () => {
    delete globalState().runtime;
    await connected();
    server.connection.onRequest("m", () => trace.getActiveSpan() === undefined);
    listen();
    expect(await client.connection.sendRequest("m")).toBe(true);
    expect(Object.keys(server.received[0] ?? {}).sort()).toEqual(["id", "jsonrpc", "method"]);
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

function listenRaw(socket: Socket, onMessage: (message: Record<string, unknown>) => void): void {
  socket.removeAllListeners("data");
  let received = "";
  socket.on("data", (data) => {
    received += data.toString();
    for (;;) {
      const [head = "", length] = /^Content-Length: (\d+)\r\n\r\n/.exec(received) ?? [];
      const end = head.length + Number(length);
      if (head === "" || received.length < end) return;
      onMessage(JSON.parse(received.slice(head.length, end)) as Record<string, unknown>);
      received = received.slice(end);
    }
  });
  socket.resume();
}
