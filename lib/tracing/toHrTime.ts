import type { HrTime, TimeInput } from "@opentelemetry/api";

const MS_PER_SECOND = 1_000;
const NS_PER_MS = 1_000_000;
const NS_PER_SECOND = 1_000_000_000;
const NS = BigInt(NS_PER_SECOND);
/** OTLP counts nanoseconds in 64 bits, but backends in 63, which run out in 2262. */
const MAX_SECONDS = 9_223_372_036;

/**
 * Converts a point in time to OpenTelemetry's seconds and nanoseconds since 1970, or undefined if it is not one.
 * A number is milliseconds since 1970, a bigint nanoseconds. A value that is not above the current reading of
 * `performance.now()`, `process.hrtime.bigint()` or `process.hrtime()` is taken as a reading of that clock and shifted
 * to wall time by the current offset between the two, as the SDK does for `performance.now()`. A time after 2262 is
 * refused: it must have been given in another unit.
 */
export function toHrTime(time: unknown): HrTime | undefined {
  if (process.getBuiltinModule("node:util").types.isDate(time))
    return fromMilliseconds(time.getTime());
  if (typeof time === "number") {
    const monotonic = performance.now();
    return fromMilliseconds(time <= monotonic ? Date.now() - monotonic + time : time);
  }
  if (typeof time === "bigint") return fromNanoseconds(time);
  if (!isHrTime(time)) return undefined;
  const [seconds, nanoseconds] = time;
  return seconds > process.hrtime()[0]
    ? [seconds, nanoseconds]
    : fromNanoseconds(BigInt(Math.floor(seconds)) * NS + BigInt(Math.floor(nanoseconds)));
}

function fromMilliseconds(ms: number): HrTime | undefined {
  if (!(ms >= 0 && ms < MAX_SECONDS * MS_PER_SECOND)) return undefined;
  const seconds = Math.floor(ms / MS_PER_SECOND);
  return [seconds, Math.floor((ms - seconds * MS_PER_SECOND) * NS_PER_MS)];
}

function fromNanoseconds(given: bigint): HrTime | undefined {
  const monotonic = process.hrtime.bigint();
  const time =
    given <= monotonic ? BigInt(Date.now()) * BigInt(NS_PER_MS) - monotonic + given : given;
  if (given < 0n || time < 0n || time >= BigInt(MAX_SECONDS) * NS) return undefined;
  return [Number(time / NS), Number(time % NS)];
}

function isHrTime(time: unknown): time is HrTime & TimeInput {
  if (!Array.isArray(time) || time.length !== 2) return false;
  const [seconds, nanoseconds] = time as [unknown, unknown];
  return isBelow(seconds, MAX_SECONDS) && isBelow(nanoseconds, NS_PER_SECOND);
}

function isBelow(value: unknown, bound: number): boolean {
  return typeof value === "number" && value >= 0 && value < bound;
}
