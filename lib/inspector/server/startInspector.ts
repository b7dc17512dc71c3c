import type { Server } from "node:http";
import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { attempt } from "../../shared/attempt.js";
import { show } from "../../shared/diagnostics.js";
import { readMember } from "../../shared/readMember.js";
import { untraced } from "../../shared/untraced.js";
import { ChangeFeed } from "./ChangeFeed.js";
import { ConnectionLimit } from "./ConnectionLimit.js";
import { authorityOf, BodyBudget } from "./http.js";
import { OtlpProtobuf } from "./OtlpProtobuf.js";
import type { ReceivedEvent, ReceivedTrace } from "./ReceivedTrace.js";
import { isLoopback } from "./requestGuards.js";
import type { Service } from "./serve.js";
import { RequestCounter, serve } from "./serve.js";
import { TraceStore } from "./TraceStore.js";

export type {
  ReceivedAttributes,
  ReceivedEvent,
  ReceivedLog,
  ReceivedScope,
  ReceivedSpan,
  ReceivedSpanEvent,
  ReceivedSpanLink,
  ReceivedTrace,
  TraceSummary,
} from "./ReceivedTrace.js";

/** A running receiver of OTLP traces and PostHog events, which joins them by trace id. */
export interface Inspector {
  /** The base URL to give to both pipes, for example `http://127.0.0.1:4318`. */
  readonly url: string;
  readonly port: number;
  /** The port that accepts OTLP over gRPC; undefined unless the option `grpcPort` is set. */
  readonly grpcPort?: number | undefined;
  /** All traces held, the most recently changed last. */
  traces(): readonly ReceivedTrace[];
  /** One trace, by its id of 32 hex digits in either case; undefined when it is not held. */
  trace(traceId: string): ReceivedTrace | undefined;
  /** All events held, in order of arrival, including those that belong to no trace. */
  events(): readonly ReceivedEvent[];
  /** How often each route was answered with each status. */
  requests(): readonly RequestCount[];
  /** How much was accepted, evicted, rejected and received twice. */
  counts(): InspectorCounts;
  /** Calls the listener after every answered request and after `clear`; returns a function that unsubscribes it. */
  subscribe(listener: () => void): () => void;
  /**
   * Resolves to the first truthy value that `find` returns; `find` is called immediately and after every change.
   * Rejects with the error that `find` throws, and when `timeoutMs` (default 5,000) has passed or the receiver is
   * closed; the message of those two says what had been received by then.
   */
  waitFor<T>(find: (inspector: Inspector) => T, options?: WaitOptions): Promise<Truthy<T>>;
  /** Removes all traces and events, but keeps the counts. */
  clear(): void;
  /** Stops listening and closes all connections. Resolves when the port is free. Idempotent. */
  close(): Promise<void>;
}

/** Options of `waitFor`. */
export interface WaitOptions {
  /** How long to wait, in ms. Default 5,000. */
  readonly timeoutMs?: number;
}

/** The type without its falsy values. */
export type Truthy<T> = Exclude<T, false | 0 | "" | null | undefined>;

/** What a receiver has counted since it was started. */
export interface InspectorCounts {
  /** Connections accepted, whether or not a request came over them. */
  readonly connections: number;
  /** Connections open now. */
  readonly openConnections: number;
  /** Connections closed because there were more than `maxConnections`. */
  readonly evictedConnections: number;
  /** Requests answered, of any kind and status. */
  readonly requests: number;
  /** Distinct spans accepted. */
  readonly spans: number;
  /** Distinct events accepted. */
  readonly events: number;
  /** Spans received again with the same trace and span id; the first is kept. */
  readonly duplicateSpans: number;
  /** Events received again with the same name, distinct id and uuid; the first is kept. */
  readonly duplicateEvents: number;
  /** Spans that could not be parsed, or for which there was no room even after all other traces were evicted. */
  readonly rejectedSpans: number;
  /** OTLP log records received. Those that belong to a trace are held with it. */
  readonly logs: number;
  /** Traces evicted to stay within the limits; those with an error go last. */
  readonly evictedTraces: number;
  /** How many of the evicted traces had an error. */
  readonly evictedErrors: number;
  /** Spans evicted with their traces. */
  readonly evictedSpans: number;
  /** Events evicted, with their traces or on their own. */
  readonly evictedEvents: number;
}

/** How often a route was answered with a status. */
export interface RequestCount {
  /** The route without prefix or query, such as `/v1/traces`, `/batch/` or `/api/traces`; `other` for anything else. */
  readonly route: string;
  /** The HTTP status; 499 when the caller disconnected before its request was complete. */
  readonly status: number;
  readonly count: number;
}

/** One answered request, as passed to `onRequest`. */
export interface SeenRequest {
  readonly method: string;
  /** The path as requested, with its prefix and query. */
  readonly path: string;
  /** The route it was counted under, for example `/v1/traces`. */
  readonly route: string;
  readonly status: number;
  /** By lower-case name, as Node provides them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The decompressed and parsed body; undefined when there was none or it was refused. */
  readonly body: unknown;
}

/** How a receiver listens and how much it may hold. The defaults suit one developer's machine. */
export interface InspectorOptions {
  /** TCP port. Default 0: any free port, which `inspector.port` then gives. OTLP's own port is 4318. */
  readonly port?: number;
  /** Address to listen on. Default `127.0.0.1`. Anything but loopback is refused unless `allowRemote` is set. */
  readonly host?: string;
  /**
   * Whether other machines may reach the receiver: allows a `host` that is not loopback, and requests that
   * name an IP address as their host. Default false. There is no password: whoever can reach it can read everything.
   */
  readonly allowRemote?: boolean;
  /** Additional names that are accepted in a request's `Host` header, without port. Default none. */
  readonly allowedHosts?: readonly string[];
  /**
   * Additional origins of web pages that may send here and read what is held, for example `https://editor.example`.
   * Pages of this machine and webviews may send without being listed. Default none.
   */
  readonly allowedOrigins?: readonly string[];
  /** Maximum traces; those longest without a change are evicted, those with an error last. Default 1,000. */
  readonly maxTraces?: number;
  /** Maximum spans and log records over all traces; whole traces are evicted. Default 100,000. */
  readonly maxSpans?: number;
  /** Maximum events, with or without a trace; the oldest are evicted, errors last. Default 20,000. */
  readonly maxEvents?: number;
  /** Maximum bytes of decompressed bodies to hold; in memory they take two to three times that. Default 64 MiB. */
  readonly maxHeldBytes?: number;
  /** Largest body in bytes, before and after decompression; above it, 413. Default 20 MiB, as the Collector's. */
  readonly maxBodyBytes?: number;
  /** Maximum bytes of all bodies in progress; above it, 503. Default 64 MiB, and never below `maxBodyBytes`. */
  readonly maxBufferedBytes?: number;
  /** Maximum open connections; the one that has gone longest without an answered request is closed. Default 256. */
  readonly maxConnections?: number;
  /** Time in ms for a whole request to arrive, and for a silent connection, until it is closed. Default 10,000. */
  readonly requestTimeoutMs?: number;
  /** Scheme of links to files, as in `vscode://file/…`: `vscode`, `vscodium`, `cursor`, `zed`. Default `vscode`. */
  readonly editor?: string;
  /**
   * Serves the Model Context Protocol at `/mcp` to whoever sends this as a bearer token, so that an agent can list,
   * get, search and compare what is held. Default empty: `/mcp` is not served.
   */
  readonly agentToken?: string;
  /**
   * A port that accepts OTLP over gRPC, for senders that support nothing else; 0 takes any free port. OTLP's own is
   * 4317. Requires `@grpc/grpc-js`, which the application installs. Default none.
   */
  readonly grpcPort?: number;
  /** Called with every request once it is answered, for recordings and tests. Errors that it throws are ignored. */
  readonly onRequest?: (request: SeenRequest) => void;
}

type ResolvedOptions = Required<Omit<InspectorOptions, "onRequest" | "grpcPort">>;

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
  editor: "vscode",
  agentToken: "",
};
/** Headers are small, so no real sender needs longer than this for them. */
const MAX_HEADERS_TIMEOUT_MS = 5_000;
/** Node's default is to check for connections past their timeout only every 30 s. */
const MAX_CHECK_INTERVAL_MS = 1_000;
/** Excludes schemes that run what follows them, or that open a browser or a file instead of an editor. */
const EDITOR = /^(?!javascript$|data$|vbscript$|https?$|file$)[a-z][a-z0-9+.-]*$/;
const DEFAULT_WAIT_MS = 5_000;

/**
 * Starts a local receiver. One port accepts OTLP in JSON or protobuf at `/v1/traces` and PostHog's events at `/batch/`,
 * plain or gzipped and behind any path prefix. The receiver joins them by trace id in bounded memory and provides them
 * through the returned object, as JSON at `/api/traces`, `/api/traces/<id>`, `/api/events` and `/api/counts`, and as a
 * page at `/`. Like any server, it keeps its process alive until it is closed.
 *
 * Rejects with a RangeError for an unusable option, and with the system's error when the port is not available.
 */
export async function startInspector(options: InspectorOptions = {}): Promise<Inspector> {
  const resolved = resolveOptions(options);
  const { host, allowRemote, allowedHosts, allowedOrigins, requestTimeoutMs } = resolved;
  const { maxBodyBytes, maxBufferedBytes, maxConnections } = resolved;
  const store = new TraceStore(resolved);
  const feed = new ChangeFeed();
  const counter = new RequestCounter();
  const server = makeServer(requestTimeoutMs);
  const connections = new ConnectionLimit(server, maxConnections);
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
    allowRemote,
    allowedHosts: [...allowedHosts, host],
    allowedOrigins,
    editor: resolved.editor,
    agentToken: resolved.agentToken,
    heartbeatMs: requestTimeoutMs / 3,
    budget: new BodyBudget(maxBodyBytes, Math.max(maxBufferedBytes, maxBodyBytes)),
    onRequest: readMember(options, "onRequest") as InspectorOptions["onRequest"],
  };
  server.on("request", (request, response) => void serve(request, response, service));
  const port = await listen(server, resolved);
  const grpc = await startGrpc(service, host, readMember(options, "grpcPort")).catch(
    async (error: unknown) => {
      await stop(server);
      throw error;
    },
  );
  let closed: Promise<void> | undefined;

  const inspector: Inspector = {
    url: `http://${authorityOf(host, port)}`,
    port,
    grpcPort: grpc?.port,
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
      grpc?.stop();
      closed ??= stop(server);
      feed.end("The receiver was closed");
      return closed;
    },
  };
  return inspector;
}

/** Loads the gRPC server only if `port` is given. */
async function startGrpc(service: Service, host: string, port: unknown) {
  if (port === undefined) return undefined;
  if (typeof port !== "number")
    throw new RangeError(`grpcPort is ${show(port)}; a port is accepted.`);
  const { serveGrpc } = await import("./serveGrpc.js");
  return serveGrpc(service, host, port);
}

/** Fills in the defaults; throws a RangeError that names the first unusable option. */
function resolveOptions(given: InspectorOptions): ResolvedOptions {
  const options = { ...DEFAULTS };
  for (const [name, usual] of Object.entries(DEFAULTS)) {
    const value = readMember(given, name);
    if (value === undefined) continue;
    if (!fits(value, usual, name !== "port"))
      throw new RangeError(`${name} is ${show(value)}; ${wanted(usual, name)} is accepted.`);
    Object.assign(options, { [name]: value });
  }
  if (!EDITOR.test(options.editor))
    throw new RangeError(`editor is ${show(options.editor)}; a scheme such as vscode is accepted.`);
  if (!options.allowRemote && !isLoopback(options.host))
    throw new RangeError(
      `host ${JSON.stringify(options.host)} can be reached from other machines; set allowRemote to mean it, or use 127.0.0.1.`,
    );
  return options;
}

function fits(value: unknown, usual: unknown, positive: boolean): boolean {
  if (Array.isArray(usual))
    return attempt(() => Array.isArray(value) && value.every(isText)) === true;
  if (typeof value !== typeof usual) return false;
  return typeof value !== "number" || !positive || (Number.isFinite(value) && value > 0);
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function wanted(usual: unknown, name: string): string {
  if (Array.isArray(usual)) return "a list of strings";
  return typeof usual !== "number"
    ? `a ${typeof usual}`
    : name === "port"
      ? "a port"
      : "a positive number";
}

function makeServer(requestTimeoutMs: number): Server {
  const server = createServer({
    requestTimeout: requestTimeoutMs,
    headersTimeout: Math.min(requestTimeoutMs, MAX_HEADERS_TIMEOUT_MS),
    connectionsCheckingInterval: Math.min(requestTimeoutMs, MAX_CHECK_INTERVAL_MS),
  });
  // Bypasses http instrumentation, which would otherwise make a span for each request, and so another request.
  server.emit = EventEmitter.prototype.emit.bind(server);
  // For a caller that does not read the response, which would otherwise stay in memory.
  server.setTimeout(requestTimeoutMs);
  return server;
}

async function listen(server: Server, { port, host }: ResolvedOptions): Promise<number> {
  await untraced(() => once(server.listen(port, host), "listening"));
  return (server.address() as AddressInfo).port;
}

async function stop(server: Server): Promise<void> {
  const closed = once(server.close(), "close");
  server.closeAllConnections();
  await closed;
}
