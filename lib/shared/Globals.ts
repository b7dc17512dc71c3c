import type { ContextManager, TextMapPropagator, TracerProvider } from "@opentelemetry/api";

/** The OpenTelemetry globals that `register` sets. */
export interface Globals {
  readonly provider: TracerProvider;
  readonly contextManager: ContextManager;
  readonly propagator: TextMapPropagator;
}
