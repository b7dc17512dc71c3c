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
import { BodyBudget } from "./http.js";
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
  /** The port that takes OTLP over gRPC; undefined unless it was asked for by `grpcPort`. */
  readonly grpcPort?: number | undefined;
  /** All traces held, the one that changed last at the end. */
  traces(): readonly ReceivedTrace[];
  /** One trace by its 32 hex digits. */
  trace(traceId: string): ReceivedTrace | undefined;
  /** All events held, in the order of their arrival; also those that belong to no trace. */
  events(): readonly ReceivedEvent[];
  /** How often each route was answered with each status. */
  requests(): readonly RequestCount[];
  /** What was accepted, evicted, rejected and received twice. */
  counts(): InspectorCounts;
  /** Calls the listener after every answered request and after `clear`; returns a function that stops it. */
  subscribe(listener: () => void): () => void;
  /**
   * Resolves with the first truthy value of `find`, which is called now and after every change. Rejects when
   * `find` throws, when `timeoutMs` (default 5,000) has passed, or when the receiver is closed; the message
   * says what had been received by then.
   */
  waitFor<T>(find: (inspector: Inspector) => T, options?: WaitOptions): Promise<Truthy<T>>;
  /** Forgets traces and events, not the counts. */
  clear(): void;
  /** Stops listening and closes all connections. Idempotent; resolves when the port is free. */
  close(): Promise<void>;
}

/** What `waitFor` can be told. */
export interface WaitOptions {
  /** How long to wait, in ms. Default 5,000. */
  readonly timeoutMs?: number;
}

/** What is left of a type when it is known not to be falsy. */
export type Truthy<T> = Exclude<T, false | 0 | "" | null | undefined>;

/** What a receiver has seen since it was started. */
export interface InspectorCounts {
  /** Connections accepted, whether or not a request came over them. */
  readonly connections: number;
  /** Connections open now. */
  readonly openConnections: number;
  /** Connections closed because there were more than `maxConnections`. */
  readonly evictedConnections: number;
  /** Requests answered, of any kind and status. */
  readonly requests: number;
  /** Different spans taken in. */
  readonly spans: number;
  /** Different events taken in. */
  readonly events: number;
  /** Spans that came again with the same trace and span id; the first is kept. */
  readonly duplicateSpans: number;
  /** Events that came again with the same name, distinct id and uuid; the first is kept. */
  readonly duplicateEvents: number;
  /** Spans that could not be read, or that alone were more than the receiver may hold. */
  readonly rejectedSpans: number;
  /** OTLP log records received. Those of a trace are held with it. */
  readonly logs: number;
  /** Traces forgotten to stay within the limits; those with an error last. */
  readonly evictedTraces: number;
  /** Those of the forgotten traces that had an error. */
  readonly evictedErrors: number;
  /** Spans forgotten with their traces. */
  readonly evictedSpans: number;
  /** Events forgotten, with their traces or by themselves. */
  readonly evictedEvents: number;
}

/** How often a route was answered with a status. */
export interface RequestCount {
  /** The route without prefix or query, for example `/v1/traces`, `/batch/` or `/api/traces`; `other` for everything else. */
  readonly route: string;
  /** The HTTP status; 499 when the caller went away before its request was whole. */
  readonly status: number;
  readonly count: number;
}

/** One answered request, as `onRequest` sees it. */
export interface SeenRequest {
  readonly method: string;
  /** The path as it was asked for, with its prefix and query. */
  readonly path: string;
  /** The route it was counted under, for example `/v1/traces`. */
  readonly route: string;
  readonly status: number;
  /** By name in small letters, as Node has them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The unpacked and parsed JSON body; undefined when there was none or it was refused. */
  readonly body: unknown;
}

/** How a receiver listens and what it may hold. Everything has a default that suits one developer's machine. */
export interface InspectorOptions {
  /** TCP port. Default 0: one that is free; `inspector.port` says which. OTLP's own port is 4318. */
  readonly port?: number;
  /** Address to listen on. Default `127.0.0.1`. Anything but loopback is refused unless `allowRemote` is set. */
  readonly host?: string;
  /**
   * Whether other machines may reach the receiver: allows a `host` that is not loopback, and requests that
   * name an IP address as their host. Default false. There is no password: whoever reaches it reads it all.
   */
  readonly allowRemote?: boolean;
  /** Further names a request may carry in its `Host` header, without port. Default none. */
  readonly allowedHosts?: readonly string[];
  /**
   * Further origins of web pages that may send here, and read what is held, for example `https://editor.example`. Pages
   * of this machine and webviews may send without being named. Default none.
   */
  readonly allowedOrigins?: readonly string[];
  /** Traces kept; beyond it those longest without change go, those with an error last. Default 1,000. */
  readonly maxTraces?: number;
  /** Spans and log records kept, over all traces; beyond it whole traces go. Default 100,000. */
  readonly maxSpans?: number;
  /** Events kept, with or without a trace; beyond it the oldest go. Default 20,000. */
  readonly maxEvents?: number;
  /** Received JSON kept, in bytes; in memory it takes two to three times that. Default 64 MiB. */
  readonly maxHeldBytes?: number;
  /** Largest request body in bytes, before and after unpacking; beyond it 413. Default 20 MiB, as the Collector's. */
  readonly maxBodyBytes?: number;
  /** Bytes of all bodies being received at one time; beyond it 503. Default 64 MiB, and never below `maxBodyBytes`. */
  readonly maxBufferedBytes?: number;
  /** Connections open at one time; beyond it the one longest without an answered request is closed. Default 256. */
  readonly maxConnections?: number;
  /** Time in ms for one whole request to arrive, and for a silent connection; then it is closed. Default 10,000. */
  readonly requestTimeoutMs?: number;
  /** The scheme of the page's links to files, as in `vscode://file/…`: `vscode`, `vscodium`, `cursor`, `zed`. Default `vscode`. */
  readonly editor?: string;
  /**
   * Serves the Model Context Protocol at `/mcp` to whoever gives this as a bearer token: an agent then lists, gets,
   * searches and compares what is held. Default: empty, and nobody is served.
   */
  readonly agentToken?: string;
  /**
   * A port that takes OTLP over gRPC, for senders that speak nothing else; 0 for one that is free. OTLP's own is 4317. It needs
   * `@grpc/grpc-js`, which the application installs. Default: none.
   */
  readonly grpcPort?: number;
  /** Called with every request once it is answered, for recordings and tests. What it throws is ignored. */
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
/** Headers are small: a sender that needs longer than this for them is not one. */
const MAX_HEADERS_TIMEOUT_MS = 5_000;
/** Node looks for late connections only every 30 s unless told. */
const MAX_CHECK_INTERVAL_MS = 1_000;
/** Schemes that run what follows them are no editors. */
const EDITOR = /^(?!javascript$|data$|vbscript$|https?$|file$)[a-z][a-z0-9+.-]*$/;
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
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
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

/** Loads the gRPC server only if it is asked for. */
async function startGrpc(service: Service, host: string, port: unknown) {
  if (port === undefined) return undefined;
  if (typeof port !== "number")
    throw new RangeError(`grpcPort is ${show(port)}; a port is accepted.`);
  const { serveGrpc } = await import("./serveGrpc.js");
  return serveGrpc(service, host, port);
}

/** Fills in the defaults; throws a RangeError that names the option when one cannot be used. */
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
  if (Array.isArray(usual)) return "a list of texts";
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
  // In a process whose http is instrumented, a span for each request would be one more request to receive.
  server.emit = EventEmitter.prototype.emit.bind(server);
  // For a caller that asks and then does not read: the answer would stay in memory.
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
