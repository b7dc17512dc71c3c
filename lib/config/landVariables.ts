/** Land's own names for its variables. These words are common enough to mean something else on some machines. */
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
/** Variables that have only a prefixed name. */
const PREFIXED_ONLY = ["SPOOL", "TIER"];
/** All prefixed variables that are read. */
export const PREFIXED_NAMES: readonly string[] = [...LAND_WORDS, ...PREFIXED_ONLY].map(
  (word) => LAND_PREFIX + word.toUpperCase(),
);

/** The prefixed name that wins over a Land word (`LAND_TELEMETRY_CAPTURE` over `Capture`); undefined for others. */
export function prefixedName(name: string): string | undefined {
  return (LAND_WORDS as readonly string[]).includes(name)
    ? LAND_PREFIX + name.toUpperCase()
    : undefined;
}
