import type { TextMapPropagator, Tracer } from "@opentelemetry/api";
import type { Pipe, Stats } from "./Stats.js";

/** Properties of a PostHog event; anything that JSON can hold. */
export type EventProperties = Readonly<Record<string, unknown>>;

/**
 * The telemetry of this process as the other rooms and bundles see it. `register` makes it and puts it on
 * the global state; the free functions of the public API reach it from there.
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
  /** Whether spans are made. With both pipes off there is no runtime at all. */
  readonly tracing: boolean;
  isAllowed(pipe: Pipe): boolean;
  captureEvent(name: string, properties?: EventProperties): void;
  captureError(tag: string, error: unknown, properties?: EventProperties): void;
  captureSession(): void;
  stats(): Stats;
  flush(timeoutMs?: number): Promise<void>;
  shutdown(timeoutMs?: number): Promise<void>;
}
