/** Exports the same spans with the official exporter and with ours, and prints both requests as JSON. */
import { SpanKind, SpanStatusCode, context, trace } from "@opentelemetry/api";
import type { ExportResult } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readConfiguration } from "../../lib/config/readConfiguration";
import type { DeliveryQueue } from "../../lib/delivery/DeliveryQueue";
import type { DeliveryRecord } from "../../lib/delivery/DeliveryRecord";
import { createRedactor } from "../../lib/redaction/createRedactor";
import { readOtlpSettings } from "../../lib/tracing/otlpSettings";
import { SpanSerializer } from "../../lib/tracing/SpanSerializer";
import { SpoolingSpanProcessor } from "../../lib/tracing/SpoolingSpanProcessor";
import { SpoolingTraceExporter } from "../../lib/tracing/SpoolingTraceExporter";

function makeSpans(): ReadableSpan[] {
  const memory = new InMemorySpanExporter();
  const tracer = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(memory)],
  }).getTracer("contract", "1.2.3");
  const parent = tracer.startSpan("parent", {
    kind: SpanKind.SERVER,
    attributes: { text: "Grüße", int: 7, float: 0.5, flag: true, list: ["a", "b"] },
  });
  const child = tracer.startSpan(
    "child",
    { links: [{ context: parent.spanContext(), attributes: { why: "because" } }] },
    trace.setSpan(context.active(), parent),
  );
  child.recordException(new TypeError("no"));
  child.setStatus({ code: SpanStatusCode.ERROR, message: "no" });
  child.end();
  parent.end();
  return memory.getFinishedSpans();
}

const redactor = createRedactor({ enabled: false });

function text(body: Uint8Array | string | undefined): string {
  return Buffer.from(body ?? "").toString("base64");
}

async function main(): Promise<void> {
  const spans = makeSpans();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      official = {
        path: request.url,
        type: request.headers["content-type"],
        body: text(Buffer.concat(chunks)),
      };
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  let official: unknown;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const exporter = new OTLPTraceExporter({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/collector`,
  });
  const result = await new Promise<ExportResult>((resolve) => exporter.export(spans, resolve));
  await exporter.shutdown();
  server.closeAllConnections();
  server.close();

  const requests: Record<string, object> = {};
  let stored: readonly DeliveryRecord[] = [];
  for (const protocol of ["http/json", "http/protobuf"] as const) {
    let returned = false;
    // Stands in for the queue, and records what it is given and when.
    const queue = {
      send: ([record]: readonly DeliveryRecord[], body: Uint8Array) => {
        requests[protocol] = { ...record, body: text(body), before: !returned };
        return Promise.resolve({ status: "delivered", reply: undefined });
      },
      store: (records: readonly DeliveryRecord[]) => (stored = [...stored, ...records]),
      accept: () => undefined,
      drop: () => undefined,
    } as unknown as DeliveryQueue;
    const { otlp: batch } = readConfiguration({
      tier: "air",
      otlp: { endpoint: "http://127.0.0.1:9", protocol, timeoutMs: 1_000 },
    });
    const settings = readOtlpSettings({ otlp: batch });
    const parts = {
      queue,
      settings,
      batch,
      serializer: new SpanSerializer(protocol, redactor, queue),
    };
    new SpoolingTraceExporter(parts).export(spans, () => undefined);
    returned = true;
    if (protocol === "http/protobuf") continue;
    const processor = new SpoolingSpanProcessor(parts);
    for (const span of spans) processor.onEnd(span);
    processor.store();
  }
  process.stdout.write(
    JSON.stringify({
      official,
      code: result.code,
      ours: requests,
      stored: stored.map(({ body, urgent }) => ({ body: text(body), urgent })),
    }),
  );
}

void main();
