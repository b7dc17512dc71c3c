/** Exports the same spans by the official exporter and by ours, and prints both requests as JSON. */
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
import type { Parcel } from "../../lib/delivery/Parcel";
import { createRedactor } from "../../lib/redaction/createRedactor";
import { createOtlpExporter } from "../../lib/tracing/otlpExporter";
import { serialiseSpans } from "../../lib/tracing/otlpJson";

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

  const parcels: Record<string, Parcel & { readonly before: boolean }> = {};
  for (const protocol of ["http/json", "http/protobuf"] as const) {
    let returned = false;
    const ours = createOtlpExporter({
      protocol,
      timeoutMs: 1_000,
      redactor,
      send: (parcel) => {
        parcels[protocol] = { ...parcel, before: !returned };
      },
      onUnserialisable: () => undefined,
    });
    ours.export(spans, () => undefined);
    returned = true;
  }
  const requests = Object.entries(parcels).map(
    ([protocol, { body, contentType, count, urgent, before }]) => [
      protocol,
      { body: text(body), contentType, count, urgent, before },
    ],
  );
  process.stdout.write(
    JSON.stringify({
      official,
      code: result.code,
      ours: Object.fromEntries(requests) as unknown,
      spooled: text(serialiseSpans(spans, redactor).body),
    }),
  );
}

void main();
