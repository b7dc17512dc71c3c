import type { SeenRequest } from "./SeenRequest.js";

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
  /** Traces kept; beyond it those longest without change go. Default 1,000. */
  readonly maxTraces?: number;
  /** Spans kept, over all traces; beyond it whole traces go. Default 100,000. */
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
  /** Called with every request once it is answered, for recordings and tests. What it throws is ignored. */
  readonly onRequest?: (request: SeenRequest) => void;
}
