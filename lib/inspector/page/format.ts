const MICROS_PER_MS = 1_000;
const MS_PER_SECOND = 1_000;
const MS_PER_MINUTE = 60_000;
/** Numbers below it keep one digit behind the point, below a tenth of it two. */
const FEW = 100;

/** A duration in the unit that suits it: `870 µs`, `12.3 ms`, `4.21 s`, `3.5 min`. */
export function formatDuration(ms: number): string {
  const size = Math.abs(ms);
  if (size === 0) return "0 ms";
  if (size < 1) return `${Math.round(ms * MICROS_PER_MS)} µs`;
  if (size < MS_PER_SECOND) return `${digits(ms)} ms`;
  if (size < MS_PER_MINUTE) return `${digits(ms / MS_PER_SECOND)} s`;
  return `${digits(ms / MS_PER_MINUTE)} min`;
}

function digits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= FEW ? 0 : size >= FEW / 10 ? 1 : 2);
}

/** The time of day, to the millisecond. */
export function formatTime(ms: number): string {
  if (!Number.isFinite(ms) || ms === 0) return "–";
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

const NUMBERS = new Intl.NumberFormat("en");

export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${NUMBERS.format(count)} ${count === 1 ? one : many}`;
}

/** A received value as text: text as it is, the rest as JSON. */
export function formatValue(value: unknown): string {
  if (typeof value === "string") return value;
  return JSON.stringify(value, undefined, Array.isArray(value) ? 0 : 2);
}

/** The start of an id; enough to tell a handful apart. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}
