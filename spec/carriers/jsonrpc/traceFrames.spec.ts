import { diag, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { CarrierOptions } from "../../../lib/jsonrpc.js";
import { extract } from "../../../lib/carriers/headers.js";
import { traceFrames } from "../../../lib/jsonrpc.js";
import { withSpan } from "../../../lib/tracing/withSpan.js";
import type { TestTelemetry } from "../../support/telemetry.js";
import { activeSpanId, startTelemetry } from "../../support/telemetry.js";

let telemetry: TestTelemetry;
beforeEach(() => (telemetry = startTelemetry()));
afterEach(() => telemetry.stop());

/** The frame as it arrives at the other end of a wire. */
function overWire<T>(frame: T): T {
  return JSON.parse(JSON.stringify(frame)) as T;
}

function spansOf(name: string): Record<string, unknown>[] {
  return telemetry
    .spans()
    .filter((span) => span.name === name)
    .sort((a, b) => b.kind - a.kind)
    .map((span) => ({
      kind: span.kind,
      parent: span.parentSpanContext?.spanId,
      status: span.status.code,
      attributes: span.attributes,
      id: span.spanContext().spanId,
    }));
}

describe("traceFrames", () => {
  const [left, right] = [traceFrames(), traceFrames()];

  it("makes a CLIENT and a SERVER span for a request, which end with the response", () => {
    const request = Object.freeze({ id: 1, method: "read", params: ["a"] });
    const sent = withSpan("caller", () => left.send(request));
    expect(sent).toMatchObject({ ...request, traceparent: expect.any(String) as string });
    const inside = right.receive(overWire(sent), (frame) => {
      expect(frame.params).toEqual(["a"]);
      return activeSpanId();
    });
    expect(spansOf("read")).toEqual([]);
    left.receive(overWire(right.send({ id: 1, result: 5 })), () => undefined);
    const [client, server] = spansOf("read");
    expect([client?.["kind"], server?.["kind"]]).toEqual([SpanKind.CLIENT, SpanKind.SERVER]);
    expect(client?.["parent"]).toBe(telemetry.span("caller").spanContext().spanId);
    expect([server?.["parent"], server?.["id"]]).toEqual([client?.["id"], inside]);
  });

  it("fails both spans for an error response, and counts it once", () => {
    const sent = left.send({ id: 2, method: "fail" });
    right.receive(overWire(sent), () => undefined);
    const answer = right.send({ id: 2, error: { code: -32603, message: "no such file" } });
    left.receive(overWire(answer), () => undefined);
    expect(spansOf("fail").map(({ status }) => status)).toEqual([
      SpanStatusCode.ERROR,
      SpanStatusCode.ERROR,
    ]);
    expect(telemetry.counted).toHaveLength(1);
  });

  it("makes two spans for a notification, and none for the protocol's own", () => {
    const sent = left.send({ method: "changed" });
    const inside = right.receive(overWire(sent), () => activeSpanId());
    right.receive(overWire(left.send({ method: "$/progress" })), () => undefined);
    const { spanId } = trace.getSpanContext(extract(sent, ROOT_CONTEXT)) ?? {};
    expect(telemetry.spans().map(({ name }) => name)).toEqual(["changed", "changed"]);
    const [client, server] = spansOf("changed");
    expect([client?.["id"], server?.["parent"], server?.["id"]]).toEqual([spanId, spanId, inside]);
  });

  it("passes the active context on with any other frame, whose handler runs in it", () => {
    const chunk = Object.freeze({ type: "chunk", data: "x" });
    const [sent, sender] = withSpan("sender", () => [left.send(chunk), activeSpanId()] as const);
    expect(right.receive(overWire(sent), () => activeSpanId())).toBe(sender);
    expect(left.send(chunk)).toBe(chunk);
    expect(right.receive(chunk, () => activeSpanId())).toBeUndefined();
  });

  it.each([["a text"], [["an", "array"]], [null], [1], [new Uint8Array(1)]])(
    "passes %p untouched",
    (frame: unknown) => {
      withSpan("sender", () => expect(left.send(frame)).toBe(frame));
      expect(right.receive(frame, (given) => [given])).toEqual([frame]);
    },
  );

  it("returns what a handler returns, and throws what it throws", () => {
    expect(right.receive({ method: "m" }, () => 7)).toBe(7);
    const failure = new Error("mine");
    expect(() =>
      right.receive({ method: "m" }, () => {
        throw failure;
      }),
    ).toThrow(failure);
  });

  it("ends the open spans when the connection closes", () => {
    const frames = traceFrames();
    frames.send({ id: 1, method: "asked" });
    const { close } = frames;
    close();
    expect(spansOf("asked")).toMatchObject([{ attributes: { "error.type": "-32097" } }]);
  });

  it.each([
    ["carries nothing where it is told so", { inject: false }],
    ["carries nothing in frames without parameters' place", { carrier: "params._meta" }],
  ] as const)("%s", (_what, options: CarrierOptions) => {
    const frame = { type: "chunk" };
    withSpan("sender", () => expect(traceFrames(options).send(frame)).toBe(frame));
  });

  it("warns of an unknown carrier, and uses the default", () => {
    const said: string[] = [];
    diag.setLogger({ ...console, warn: (text: string) => said.push(text) } as never);
    const frames = traceFrames({ carrier: "header" } as never);
    diag.disable();
    expect(said.join()).toContain('traceFrames carrier="header"');
    expect(frames.send({ id: 1, method: "m" })).toHaveProperty("traceparent");
  });
});

/** As the documentation shows it. */
function traced<T extends Transport>(transport: T): T {
  const frames = traceFrames({ carrier: "params._meta" });
  const { send } = transport;
  transport.send = (message, options) => send.call(transport, frames.send(message), options);
  let onmessage: Transport["onmessage"];
  Object.defineProperty(transport, "onmessage", {
    get: () => onmessage,
    set: (handler: NonNullable<typeof onmessage>) => {
      onmessage = (message, extra) =>
        frames.receive(message, (received) => handler(received, extra));
    },
  });
  return transport;
}

describe("traceFrames with the official SDK of the Model Context Protocol", () => {
  it("makes one trace of a client's call and the server's tool, and sees an abort on both sides", async () => {
    const [toServer, toClient] = InMemoryTransport.createLinkedPair();
    const server = new McpServer({ name: "tools", version: "1" });
    const inside: unknown[] = [];
    server.registerTool("look", {}, ({ _meta: meta }) => {
      inside.push(activeSpanId(), meta);
      return { content: [{ type: "text", text: "seen" }] };
    });
    let begin: (() => void) | undefined;
    const started = new Promise<void>((resolve) => (begin = resolve));
    server.registerTool("wait", {}, async ({ signal }) => {
      begin?.();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return { content: [] };
    });
    const client = new Client({ name: "editor", version: "1" });
    await server.connect(traced(toClient));
    await client.connect(traced(toServer));
    const result = await withSpan("caller", () => client.callTool({ name: "look" }));
    expect(result.content).toEqual([{ type: "text", text: "seen" }]);
    const [asked, answered] = spansOf("tools/call");
    expect(asked?.["parent"]).toBe(telemetry.span("caller").spanContext().spanId);
    expect(answered?.["parent"]).toBe(asked?.["id"]);
    expect(inside).toEqual([
      answered?.["id"],
      expect.objectContaining({ traceparent: expect.any(String) as string }),
    ]);

    const controller = new AbortController();
    const waiting = client.callTool({ name: "wait" }, undefined, { signal: controller.signal });
    await started;
    controller.abort("enough");
    await expect(waiting).rejects.toThrow("enough");
    await client.ping();
    expect(
      spansOf("tools/call").filter(({ attributes }) => "land.cancelled" in (attributes as object)),
    ).toHaveLength(2);
    expect(telemetry.counted).toEqual([]);
    await client.close();
  });
});
