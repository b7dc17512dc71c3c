/** A duration in a suitable unit: `870 µs`, `12.3 ms`, `4.21 s`, `3.50 min`. */
export function formatDuration(ms: number): string {
  const size = Math.abs(ms);
  if (size === 0) return "0 ms";
  if (size < 1) return `${Math.round(ms * 1_000)} µs`;
  if (size < 1_000) return `${digits(ms)} ms`;
  if (size < 60_000) return `${digits(ms / 1_000)} s`;
  return `${digits(ms / 60_000)} min`;
}

/** Two decimal places below 10, one below 100, none above. */
function digits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

/** The time of day, to the millisecond. */
export function formatTime(ms: number): string {
  if (!Number.isFinite(ms) || ms === 0) return "–";
  const date = new Date(ms);
  return `${date.toTimeString().slice(0, 8)}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** A received value as text: strings unchanged, everything else as JSON. */
export function formatValue(value: unknown): string {
  if (typeof value === "string") return value;
  return JSON.stringify(value, undefined, Array.isArray(value) ? 0 : 2);
}
