import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import type { ServiceError } from "@grpc/grpc-js";
import { Client, credentials } from "@grpc/grpc-js";
import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import type { Inspector } from "../../../lib/inspector/server/startInspector.js";
import { startInspector } from "../../../lib/inspector/server/startInspector.js";

const EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

/** A span of the official SDK, serialized by the official serializer, as any gRPC exporter sends it. */
function exportRequest(name: string): Uint8Array {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  provider.getTracer("land.cocoon").startSpan(name).end();
  return ProtobufTraceSerializer.serializeRequest(exporter.getFinishedSpans()) ?? new Uint8Array();
}

describe("OTLP over gRPC", () => {
  let inspector: Inspector;
  let client: Client;
  beforeEach(async () => {
    inspector = await startInspector({ grpcPort: 0, maxBodyBytes: 100_000 });
    client = new Client(`127.0.0.1:${inspector.grpcPort}`, credentials.createInsecure());
  });
  afterEach(async () => {
    client.close();
    await inspector.close();
  });

  const call = (path: string, body: Uint8Array): Promise<ServiceError | Buffer | undefined> =>
    new Promise((resolve) => {
      const same = (message: Buffer): Buffer => message;
      client.makeUnaryRequest(path, same, same, Buffer.from(body), (error, answer) =>
        resolve(error ?? answer),
      );
    });

  it("is received into the traces, and counted as a request", async () => {
    expect(await call(EXPORT, exportRequest("by gRPC"))).toEqual(Buffer.alloc(0));
    expect(inspector.traces()).toMatchObject([{ spans: [{ name: "by gRPC", tier: "cocoon" }] }]);
    expect(inspector.requests()).toEqual([{ route: EXPORT, status: 200, count: 1 }]);
  });

  it("is received at an IPv6 address, written with brackets", async () => {
    client.close();
    await inspector.close();
    inspector = await startInspector({ host: "::1", grpcPort: 0 });
    client = new Client(`[::1]:${inspector.grpcPort}`, credentials.createInsecure());
    expect(await call(EXPORT, exportRequest("by IPv6"))).toEqual(Buffer.alloc(0));
    expect(inspector.url).toBe(`http://[::1]:${inspector.port}`);
  });

  it("is refused if the body is not OTLP or is too large, and the receiver goes on", async () => {
    expect(await call(EXPORT, Buffer.from("no protobuf"))).toMatchObject({ code: 3 });
    expect(await call(EXPORT, Buffer.alloc(200_000))).toMatchObject({ code: 8 });
    await call(EXPORT, exportRequest("after it"));
    expect(inspector.traces()).toMatchObject([{ spans: [{ name: "after it" }] }]);
  });

  it("is answered for metrics and log records too, without showing a trace", async () => {
    const path = (signal: string, name: string): string =>
      EXPORT.replace("trace.v1.TraceService", `${signal}.v1.${name}`);
    expect(await call(path("metrics", "MetricsService"), exportRequest("none"))).toEqual(
      Buffer.alloc(0),
    );
    expect(await call(path("logs", "LogsService"), Buffer.alloc(0))).toEqual(Buffer.alloc(0));
    expect(inspector.traces()).toEqual([]);
  });

  it("is off unless asked for, and fails to start if its port is taken", async () => {
    const without = await startInspector();
    expect(without.grpcPort).toBeUndefined();
    await without.close();
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    await expect(startInspector({ grpcPort: port })).rejects.toThrow(/EADDRINUSE|No address added/);
    taken.close();
  });
});
