/** Land's own words for its variables, which are common enough to mean something else on some machines. */
export const LAND_WORDS = [
  "Authorize",
  "Batch",
  "Beam",
  "Brand",
  "Buffer",
  "Cap",
  "Capture",
  "Emit",
  "Pipe",
  "Record",
  "Report",
  "Throttle",
] as const;

export const LAND_PREFIX = "LAND_TELEMETRY_";
/** Variables that have a prefixed name only. */
const PREFIXED_ONLY = ["SPOOL", "TIER"];
/** Every variable with the prefix that is read. */
export const PREFIXED_NAMES: readonly string[] = [...LAND_WORDS, ...PREFIXED_ONLY].map(
  (word) => LAND_PREFIX + word.toUpperCase(),
);

/** The name that wins over one of Land's words (`LAND_TELEMETRY_CAPTURE` over `Capture`); undefined for other names. */
export function prefixedName(name: string): string | undefined {
  return (LAND_WORDS as readonly string[]).includes(name)
    ? LAND_PREFIX + name.toUpperCase()
    : undefined;
}
