/** The default bounds of a spool. */
export const SPOOL_DEFAULTS = {
  /** Holds 100,000 spans that end in one tick (about 70 MB), and is small enough not to matter on a laptop. */
  maxBytes: 128 * 1024 * 1024,
  /** A week: older telemetry is of no use, and backends refuse it. */
  maxAgeMs: 7 * 24 * 60 * 60 * 1_000,
};
