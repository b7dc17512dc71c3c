import { Metadata, status } from "@grpc/grpc-js";
import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { clientInterceptor, serverInterceptor } from "../../../lib/grpc";
import { globalState } from "../../../lib/shared/globalState";
import type { EchoClient, Reply, RunningServer, UnaryCall } from "./echoService";
import { connect, loadEcho, startServer } from "./echoService";
import { installTelemetry, removeTelemetry, type Recorder } from "./telemetry";

const METHOD = "land.test.Echo/Unary";

describe("a unary call", () => {
  const Echo = loadEcho();
  let recorder: Recorder;
  let running: RunningServer;
  let client: EchoClient;
  let handler: (call: UnaryCall, reply: Reply) => void;

  beforeAll(async () => {
    recorder = installTelemetry();
    running = await startServer(
      Echo.service,
      { unary: (call: UnaryCall, reply: Reply) => handler(call, reply) },
      { interceptors: [serverInterceptor({ attributes: { "land.feature": "echo" } })] },
    );
    client = connect(Echo, running.address, { interceptors: [clientInterceptor()] });
  });

  afterAll(() => {
    client.close();
    running.server.forceShutdown();
    removeTelemetry();
  });

  beforeEach(() => {
    recorder.reset();
    handler = ({ request }, reply) => reply(null, { text: request.text });
  });

  const call = (metadata = new Metadata()): Promise<string> =>
    new Promise((resolve, reject) => {
      client.unary({ text: "hello" }, metadata, {}, (error, answer) => {
        if (error === null) resolve(answer?.text ?? "");
        else reject(error);
      });
    });

  it("makes a client span and a server span below it", async () => {
    expect(await call()).toBe("hello");
    const spans = await recorder.settled(2);
    const clientSpan = spans.find(({ kind }) => kind === SpanKind.CLIENT);
    const serverSpan = spans.find(({ kind }) => kind === SpanKind.SERVER);
    expect(spans).toHaveLength(2);
    expect(serverSpan?.parentSpanContext).toMatchObject({
      spanId: clientSpan?.spanContext().spanId,
      isRemote: true,
    });
    expect(clientSpan).toMatchObject({
      name: METHOD,
      attributes: { "rpc.system.name": "grpc", "rpc.method": METHOD, "rpc.status_code": "OK" },
      status: { code: SpanStatusCode.UNSET },
    });
    expect(serverSpan?.attributes).toEqual({
      "rpc.system.name": "grpc",
      "rpc.method": METHOD,
      "rpc.status_code": "OK",
      "land.feature": "echo",
    });
  });

  it("leaves the caller's metadata unchanged", async () => {
    const metadata = new Metadata();
    metadata.set("x-request", "1");
    let seen: Record<string, unknown> = {};
    handler = (serverCall, reply) => {
      seen = serverCall.metadata.getMap();
      reply(null, { text: "" });
    };
    await call(metadata);
    expect(metadata.getMap()).toEqual({ "x-request": "1" });
    expect(seen["x-request"]).toBe("1");
    expect(seen["traceparent"]).toMatch(/^00-/);
  });

  it("treats two traceparents as none", async () => {
    const plain = connect(Echo, running.address, {});
    const metadata = new Metadata();
    metadata.add("traceparent", "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x");
    metadata.add("traceparent", "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203332-01-x");
    await new Promise<void>((resolve) => plain.unary({ text: "" }, metadata, {}, () => resolve()));
    const [serverSpan] = await recorder.settled(1);
    plain.close();
    expect(serverSpan?.parentSpanContext).toBeUndefined();
    expect(serverSpan?.spanContext().traceId).not.toBe("0af7651916cd43dd8448eb211c80319c");
  });

  it("reads one traceparent and a tracestate in several parts", async () => {
    const plain = connect(Echo, running.address, {});
    const metadata = new Metadata();
    metadata.add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    metadata.add("tracestate", "a=1");
    metadata.add("tracestate", "b=2");
    await new Promise<void>((resolve) => plain.unary({ text: "" }, metadata, {}, () => resolve()));
    const [serverSpan] = await recorder.settled(1);
    plain.close();
    expect(serverSpan?.parentSpanContext?.spanId).toBe("b7ad6b7169203331");
    expect(serverSpan?.spanContext().traceState?.get("a")).toBe("1");
    expect(serverSpan?.spanContext().traceState?.get("b")).toBe("2");
  });

  it("runs the handler under the server span and the callback under the caller's", async () => {
    let inHandler: string | undefined;
    handler = (_call, reply) => {
      inHandler = trace.getActiveSpan()?.spanContext().spanId;
      reply(null, { text: "" });
    };
    const outer = trace.getTracer("test").startSpan("outer");
    const inCallback = await context.with(
      trace.setSpan(context.active(), outer),
      () =>
        new Promise((resolve) => client.unary({ text: "" }, () => resolve(trace.getActiveSpan()))),
    );
    outer.end();
    const spans = await recorder.settled(3);
    expect(inCallback).toBe(outer);
    expect(inHandler).toBe(
      spans.find(({ kind }) => kind === SpanKind.SERVER)?.spanContext().spanId,
    );
  });

  it("fails both spans for a status that is the server's fault, and counts it once", async () => {
    handler = (_call, reply) => reply({ code: status.INTERNAL, details: "disk full" });
    await expect(call()).rejects.toMatchObject({ code: status.INTERNAL, details: "disk full" });
    const spans = await recorder.settled(2);
    for (const span of spans) {
      expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: "disk full" });
      expect(span.attributes).toMatchObject({
        "rpc.status_code": "INTERNAL",
        "error.type": "INTERNAL",
      });
    }
    expect(recorder.counted).toEqual([
      { span: METHOD, kind: SpanKind.SERVER, message: "disk full" },
    ]);
  });

  it("works without telemetry, and makes no span", async () => {
    const { runtime } = globalState();
    delete globalState().runtime;
    expect(await call()).toBe("hello");
    if (runtime !== undefined) globalState().runtime = runtime;
    expect(recorder.started).toHaveLength(0);
  });
});
