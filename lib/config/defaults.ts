/** Values of settings that nobody set, each with its reason. */
export const DEFAULTS = {
  appName: "fiddee",
  appVersion: "0.0.1",
  buildMode: "debug",
  posthogHost: "https://eu.i.posthog.com",
  otlpEndpoint: "http://127.0.0.1:4318",
  /** Land's own window and batch (`.env.Land.PostHog`). */
  flushInterval: 3_000,
  flushAt: 20,
  /** Of the OTLP exporter specification. */
  otlpTimeoutMs: 10_000,
  /** Of the SDK specification (BatchSpanProcessor). */
  maxQueueSize: 2_048,
  maxExportBatchSize: 512,
  scheduledDelayMillis: 5_000,
  exportTimeoutMillis: 30_000,
  /** Events per second and name, errors per ten seconds: Land's own. */
  throttlePerSecond: 5,
  errorCap: 7,
  /** 100,000 spans that end in one tick fit, some 70 MB of them; a laptop does not notice it. */
  spoolMaxBytes: 128 * 1024 * 1024,
  /** A week: what is older helps nobody, and a backend refuses it. */
  spoolMaxAgeMs: 7 * 24 * 60 * 60 * 1_000,
  /** A person waits for the end of a process. */
  shutdownTimeoutMs: 250,
  mirror: ["error", "session"],
} as const;
