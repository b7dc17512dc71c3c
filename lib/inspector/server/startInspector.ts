import type { Server } from "node:http";
import { createServer } from "node:http";
import { ChangeFeed } from "./ChangeFeed.js";
import { ConnectionLimit } from "./ConnectionLimit.js";
import { BodyBudget } from "./http.js";
import type { Inspector, InspectorCounts, InspectorOptions } from "./Inspector.js";
import { OtlpProtobuf } from "./OtlpProtobuf.js";
import { isLoopback } from "./requestGuards.js";
import { RequestCounter, serve } from "./serve.js";
import { TraceStore } from "./TraceStore.js";

export type {
  Inspector,
  InspectorCounts,
  InspectorOptions,
  RequestCount,
  SeenRequest,
  Truthy,
  WaitOptions,
} from "./Inspector.js";
export type {
  ReceivedAttributes,
  ReceivedEvent,
  ReceivedScope,
  ReceivedSpan,
  ReceivedSpanEvent,
  ReceivedSpanLink,
  ReceivedTrace,
  TraceSummary,
} from "./ReceivedTrace.js";

type ResolvedOptions = Required<Omit<InspectorOptions, "onRequest">>;

const MIB = 1024 * 1024;
const DEFAULTS: ResolvedOptions = {
  port: 0,
  host: "127.0.0.1",
  allowRemote: false,
  allowedHosts: [],
  allowedOrigins: [],
  maxTraces: 1_000,
  maxSpans: 100_000,
  maxEvents: 20_000,
  maxHeldBytes: 64 * MIB,
  maxBodyBytes: 20 * MIB,
  maxBufferedBytes: 64 * MIB,
  maxConnections: 256,
  requestTimeoutMs: 10_000,
};
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
  const { host, allowRemote, allowedHosts, allowedOrigins, requestTimeoutMs } = resolved;
  const store = new TraceStore(resolved);
  const feed = new ChangeFeed();
  const counter = new RequestCounter();
  const server = makeServer(requestTimeoutMs);
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
    protobuf: new OtlpProtobuf(),
    hostRules: { allowRemote, allowedHosts: [...allowedHosts, host] },
    allowedOrigins,
    heartbeatMs: requestTimeoutMs / 3,
    budget: new BodyBudget(
      resolved.maxBodyBytes,
      Math.max(resolved.maxBufferedBytes, resolved.maxBodyBytes),
    ),
    onRequest: options.onRequest,
  };
  server.on("request", (request, response) => void serve(request, response, service));
  const port = await listen(server, resolved);
  let closed: Promise<void> | undefined;

  const inspector: Inspector = {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
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

/** Fills in the defaults; throws a RangeError that names the option when one cannot be used. */
function resolveOptions(given: InspectorOptions): ResolvedOptions {
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  const options = { ...DEFAULTS, ...(Object.fromEntries(set) as InspectorOptions) };
  for (const [name, value] of Object.entries<unknown>(options)) {
    if (!name.startsWith("max") && name !== "requestTimeoutMs") continue;
    if (typeof value !== "number" || !Number.isFinite(value) || value <= 0)
      throw new RangeError(`${name} is ${String(value)}; a positive number is accepted.`);
  }
  if (!options.allowRemote && !isLoopback(options.host))
    throw new RangeError(
      `host ${JSON.stringify(options.host)} can be reached from other machines; set allowRemote to mean it, or use 127.0.0.1.`,
    );
  return options;
}

function makeServer(requestTimeoutMs: number): Server {
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
