import type { Server } from "node:http";
import { createServer } from "node:http";
import { ByteBudget } from "./ByteBudget.js";
import { ChangeFeed } from "./ChangeFeed.js";
import { ConnectionLimit } from "./ConnectionLimit.js";
import type { Inspector } from "./Inspector.js";
import type { InspectorCounts } from "./InspectorCounts.js";
import type { InspectorOptions } from "./InspectorOptions.js";
import { RequestCounter } from "./RequestCounter.js";
import { TraceStore } from "./TraceStore.js";
import type { ResolvedOptions } from "./resolveOptions.js";
import { resolveOptions } from "./resolveOptions.js";
import { serve } from "./serve.js";

export type { Inspector, WaitOptions } from "./Inspector.js";
export type { InspectorCounts } from "./InspectorCounts.js";
export type { InspectorOptions } from "./InspectorOptions.js";
export type { ReceivedEvent } from "./ReceivedEvent.js";
export type {
  ReceivedAttributes,
  ReceivedScope,
  ReceivedSpan,
  ReceivedSpanEvent,
  ReceivedSpanLink,
} from "./ReceivedSpan.js";
export type { ReceivedTrace, TraceSummary } from "./ReceivedTrace.js";
export type { RequestCount } from "./RequestCount.js";
export type { SeenRequest } from "./SeenRequest.js";
export type { Truthy } from "./Truthy.js";

/** Headers are small: a sender that needs longer than this for them is not one. */
const MAX_HEADERS_TIMEOUT_MS = 5_000;
/** Node looks for late connections only every 30 s unless told. */
const MAX_CHECK_INTERVAL_MS = 1_000;
const DEFAULT_WAIT_MS = 5_000;

/**
 * Starts a local receiver: one port that takes OTLP/JSON at `/v1/traces` and PostHog's events at `/batch/`,
 * plain or gzipped and behind any path prefix, holds them in bounded memory joined by trace id, and gives them
 * out here, as JSON at `/api/traces`, `/api/traces/<id>`, `/api/events` and `/api/counts`, and as a page at `/`.
 *
 * Like any server it keeps its process alive until it is closed. Rejects with a RangeError for an option that
 * cannot be used, and with the system's error when the port cannot be had.
 */
export async function startInspector(options: InspectorOptions = {}): Promise<Inspector> {
  const resolved = resolveOptions(options);
  const store = new TraceStore(resolved);
  const feed = new ChangeFeed();
  const counter = new RequestCounter();
  const server = makeServer(resolved);
  const connections = new ConnectionLimit(server, resolved.maxConnections);
  const counts = (): InspectorCounts => ({
    connections: connections.accepted,
    openConnections: connections.open,
    evictedConnections: connections.evicted,
    requests: counter.total,
    ...store.counts(),
  });
  const service = {
    store,
    feed,
    counter,
    counts,
    hostRules: {
      allowRemote: resolved.allowRemote,
      allowedHosts: [...resolved.allowedHosts, resolved.host],
    },
    allowedOrigins: resolved.allowedOrigins,
    heartbeatMs: resolved.requestTimeoutMs / 3,
    bodyLimits: {
      maxBodyBytes: resolved.maxBodyBytes,
      budget: new ByteBudget(resolved.maxBufferedBytes),
    },
    onRequest: options.onRequest,
  };
  server.on("request", (request, response) => void serve(request, response, service));
  const port = await listen(server, resolved);
  let closed: Promise<void> | undefined;

  const inspector: Inspector = {
    url: `http://${resolved.host.includes(":") ? `[${resolved.host}]` : resolved.host}:${port}`,
    port,
    traces: () => store.traces(),
    trace: (traceId) => store.trace(traceId.toLowerCase()),
    events: () => store.events(),
    requests: () => counter.list(),
    counts,
    subscribe: (listener) => feed.subscribe(listener),
    waitFor: (find, { timeoutMs = DEFAULT_WAIT_MS } = {}) =>
      feed.waitFor(
        () => find(inspector),
        timeoutMs,
        () => JSON.stringify({ ...counts(), answers: counter.list() }),
      ),
    clear: () => {
      store.clear();
      feed.changed();
    },
    close: () => {
      closed ??= stop(server);
      feed.end("The receiver was closed");
      return closed;
    },
  };
  return inspector;
}

function makeServer({ requestTimeoutMs }: ResolvedOptions): Server {
  const server = createServer({
    requestTimeout: requestTimeoutMs,
    headersTimeout: Math.min(requestTimeoutMs, MAX_HEADERS_TIMEOUT_MS),
    connectionsCheckingInterval: Math.min(requestTimeoutMs, MAX_CHECK_INTERVAL_MS),
  });
  // For a caller that asks and then does not read: the answer would stay in memory.
  server.setTimeout(requestTimeoutMs);
  return server;
}

function listen(server: Server, { port, host }: ResolvedOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
