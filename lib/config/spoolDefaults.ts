/** The bounds of a spool, unless the options say otherwise. */
export const SPOOL_DEFAULTS = {
  /** 100,000 spans that end in one tick fit, some 70 MB of them; a laptop does not notice it. */
  maxBytes: 128 * 1024 * 1024,
  /** A week: what is older helps nobody, and a backend refuses it. */
  maxAgeMs: 7 * 24 * 60 * 60 * 1_000,
};
