import type { SpanContext, TextMapPropagator, Tracer } from "@opentelemetry/api";
import type { LastRun } from "./LastRun.js";
import type { Pipe, Stats } from "./Stats.js";

/** Properties of a PostHog event; anything that JSON can hold. */
export type EventProperties = Readonly<Record<string, unknown>>;

/** What a page hands over, of a whole request of spans or of one event. */
export interface RelayedRecord {
  readonly id: string;
  readonly count: number;
  readonly urgent: boolean;
  readonly body: Uint8Array | string;
}

/**
 * The telemetry of this process as every bundle of this package sees it. `register` makes it and puts it on
 * the global state, where the functions of the public API find it. With both pipes off there is none.
 */
export interface Runtime {
  /** The tier's name, as in `land.tier`. */
  readonly tier: string;
  /** The tier's tracer; under a foreign provider that provider's, also where only one pipe is on. */
  readonly tracer: Tracer;
  /** The strict W3C propagator, for our own carriers also where the host's is the global one. */
  readonly propagator: TextMapPropagator;
  /** The id that all tiers of one run of the application share. */
  readonly sessionId: string;
  /** The context of the session start's span, once that is made. An older copy of this package has none. */
  readonly sessionTrace?: SpanContext | undefined;
  /** How the last run of this tier ended, once that is known. An older copy of this package has none. */
  readonly lastRun?: LastRun | undefined;
  isAllowed(pipe: Pipe): boolean;
  /** An older copy of this package has neither. */
  markLaunched?(): void;
  watchChild?(child: WatchableChild, options?: WatchChildOptions): void;
  captureEvent(name: string, properties?: EventProperties): void;
  captureError(tag: string, error: unknown, properties?: EventProperties): void;
  captureSession(): void;
  /**
   * Takes records of another tier's, which has counted nothing of them here. Resolves to whether they are delivered or
   * kept. An older copy of this package has none, and a page takes nothing.
   */
  take?(pipe: Pipe, records: readonly RelayedRecord[]): Promise<boolean>;
  stats(): Stats;
  flush(timeoutMs?: number): Promise<void>;
  shutdown(timeoutMs?: number): Promise<void>;
}

/** The part of a `ChildProcess` that is used. */
export interface WatchableChild {
  /** Undefined if the process could not be started. */
  readonly pid?: number | undefined;
  /** Calls the listener once, when the child has ended. */
  once(event: "exit", listener: (code: number | null, signal: string | null) => void): unknown;
}

/** Options of `watchChild`. */
export interface WatchChildOptions {
  /** Whether the end is intended, as on a window reload. A function is called when the child has ended. Default: false. */
  readonly expected?: boolean | (() => boolean);
}

/**
 * What `register` found:
 * - `registered`: at least one pipe is on and is ours.
 * - `already-registered`: an earlier call, or another copy of this package, has done it; this call changed nothing.
 * - `disabled`: both pipes are off.
 * - `foreign-provider`: somebody else's OpenTelemetry globals came first; nothing of theirs was replaced, and what
 *   can work beside them does.
 * - `release`: this is the release build, which holds no telemetry.
 */
export type TelemetryStatus =
  "registered" | "already-registered" | "disabled" | "foreign-provider" | "release";

/** What `register` returns. */
export interface Telemetry {
  /** What happened. */
  readonly status: TelemetryStatus;
  /** Why this status, why a pipe is off, and the first of the problems. For people: the words may change. */
  readonly reason: string;
  /** Every option and variable that could not be used: which, what is accepted, and what is done instead. */
  readonly problems: readonly string[];
  /** The tier's OpenTelemetry tracer; the API's no-op where there is none. */
  readonly tracer: Tracer;
  /**
   * The id that all tiers of this run of the application share, a UUIDv7: `session.id`, `$session_id`, and what a page's
   * posthog-js takes as `bootstrap.sessionID`. There is none while nothing is sent.
   */
  readonly sessionId?: string;
  /**
   * How the last run of this tier ended, for a host's safe mode; read from the disk when it is first asked for, which
   * takes about 10 ms right after the start, and 2 ms later on. Undefined if there was none, or if nothing is recorded.
   */
  readonly lastRun?: LastRun | undefined;
}
