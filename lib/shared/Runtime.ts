import type { SpanContext, TextMapPropagator, Tracer } from "@opentelemetry/api";
import type { LastRun } from "./LastRun.js";
import type { Pipe, Stats } from "./Stats.js";

/** Properties of a PostHog event: anything that JSON can represent. */
export type EventProperties = Readonly<Record<string, unknown>>;

/** A record handed over by a page: a whole request with spans, or one event. */
export interface RelayedRecord {
  readonly id: string;
  readonly count: number;
  readonly urgent: boolean;
  readonly body: Uint8Array | string;
}

/**
 * The telemetry of this process as every bundle of this package sees it. `register` creates it and puts it into the
 * global state, where the functions of the public API find it. With both pipes off there is none.
 */
export interface Runtime {
  /** The tier's name, as in `land.tier`. */
  readonly tier: string;
  /** The tier's tracer. Under a foreign provider it comes from that provider, even if only one pipe is on. */
  readonly tracer: Tracer;
  /** The strict W3C propagator; our own carriers use it even where the host's propagator is the global one. */
  readonly propagator: TextMapPropagator;
  /** The id that all tiers of one run of the application share. */
  readonly sessionId: string;
  /** The context of the session start span, once that is made. An older copy of this package has none. */
  readonly sessionTrace?: SpanContext | undefined;
  /** How the last run of this tier ended, once that is known. An older copy of this package has none. */
  readonly lastRun?: LastRun | undefined;
  isAllowed(pipe: Pipe): boolean;
  /** An older copy of this package has neither this nor `watchChild`. */
  markLaunched?(): void;
  watchChild?(child: WatchableChild, options?: WatchChildOptions): void;
  captureEvent(name: string, properties?: EventProperties): void;
  captureError(tag: string, error: unknown, properties?: EventProperties): void;
  captureSession(): void;
  /**
   * Takes over records from another tier and counts them here. Resolves to false if the pipe is off, else to true once
   * they are settled or on disk. An older copy of this package does not have it, nor does a page.
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

/** Options for `watchChild`. */
export interface WatchChildOptions {
  /** Whether the child's end is intended, as in a window reload; a function is called after the end. Default: false. */
  readonly expected?: boolean | (() => boolean);
}

/**
 * What `register` found:
 * - `registered`: at least one pipe is on and is ours.
 * - `already-registered`: an earlier call, or another copy of this package, has registered; this call changed nothing.
 * - `disabled`: both pipes are off.
 * - `foreign-provider`: somebody else's OpenTelemetry globals were set first; none of them was replaced, and whatever
 *   can work beside them does.
 * - `release`: this is the release build, which contains no telemetry.
 */
export type TelemetryStatus =
  "registered" | "already-registered" | "disabled" | "foreign-provider" | "release";

/** What `register` returns. */
export interface Telemetry {
  /** What happened. */
  readonly status: TelemetryStatus;
  /** Why this status, why a pipe is off, and the first problem. Meant for people: the wording may change. */
  readonly reason: string;
  /** A sentence per option or variable that could not be used: its name, what is accepted, what is done instead. */
  readonly problems: readonly string[];
  /** The tier's OpenTelemetry tracer; the API's no-op tracer if there is none. */
  readonly tracer: Tracer;
  /**
   * The id that all tiers of this run of the application share, a UUIDv7: `session.id`, `$session_id`, and the
   * `bootstrap.sessionID` to give posthog-js in a page. Absent while nothing is sent.
   */
  readonly sessionId?: string;
  /**
   * How the last run of this tier ended, for a host's safe mode. Read from disk on first access, which takes about
   * 10 ms right after the start and 2 ms later on. Undefined if there was no such run, or if nothing is recorded.
   */
  readonly lastRun?: LastRun | undefined;
}
