import type { IncomingHttpHeaders, Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

/** One request as it arrived. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Decompressed. */
  readonly body: string;
}

export interface WireEvent {
  readonly event: string;
  readonly distinct_id: string;
  readonly properties: Record<string, unknown>;
  readonly timestamp: string;
  readonly uuid: string;
}

export interface WireAttribute {
  readonly key: string;
  readonly value: Record<string, unknown>;
}

export interface WireSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly WireAttribute[];
  readonly events: readonly { name: string; attributes: readonly WireAttribute[] }[];
  readonly status: { code: number; message?: string };
}

interface WireResourceSpans {
  readonly resource: { attributes: readonly WireAttribute[] };
  readonly scopeSpans: readonly {
    scope: { name: string; version?: string };
    spans: readonly WireSpan[];
  }[];
}

/** A plain HTTP server that records and accepts what arrives, and contains nothing of the package. */
export interface Receiver {
  readonly url: string;
  readonly requests: ReceivedRequest[];
  events(): WireEvent[];
  spans(): (WireSpan & { resource: Record<string, unknown>; scope: string })[];
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const requests: ReceivedRequest[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const raw = Buffer.concat(chunks);
      const body = (
        request.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw
      ).toString("utf8");
      requests.push({
        method: request.method ?? "",
        path: request.url ?? "",
        headers: request.headers,
        body,
      });
      response.setHeader("content-type", "application/json");
      response.end(
        request.url?.includes("/batch") === true ? '{"status":1}' : '{"partialSuccess":{}}',
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    events: () =>
      requests
        .filter(({ path }) => path.includes("/batch"))
        .flatMap(({ body }) => (JSON.parse(body) as { batch: WireEvent[] }).batch),
    spans: () =>
      requests
        .filter(({ path }) => path.includes("/v1/traces"))
        .flatMap(
          ({ body }) => (JSON.parse(body) as { resourceSpans: WireResourceSpans[] }).resourceSpans,
        )
        .flatMap(({ resource, scopeSpans }) =>
          scopeSpans.flatMap(({ scope, spans }) =>
            spans.map((span) => ({
              ...span,
              resource: plain(resource.attributes),
              scope: scope.name,
            })),
          ),
        ),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** OTLP attributes as a plain object. */
export function plain(attributes: readonly WireAttribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
