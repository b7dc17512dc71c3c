import type { InspectorCounts } from "./InspectorCounts.js";
import type { Truthy } from "./Truthy.js";
import type { ReceivedEvent } from "./ReceivedEvent.js";
import type { ReceivedTrace } from "./ReceivedTrace.js";
import type { RequestCount } from "./RequestCount.js";

/** A running receiver of OTLP traces and PostHog events, which joins them by trace id. */
export interface Inspector {
  /** The base URL to give to both pipes, for example `http://127.0.0.1:4318`. */
  readonly url: string;
  readonly port: number;
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
  /** Calls the listener after every answered request and after `clear`; returns the way to stop it. */
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

export interface WaitOptions {
  /** How long to wait, in ms. Default 5,000. */
  readonly timeoutMs?: number;
}
