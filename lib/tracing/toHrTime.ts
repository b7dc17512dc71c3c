import type { HrTime, TimeInput } from "@opentelemetry/api";

const MS_PER_SECOND = 1_000;
const NS_PER_MS = 1_000_000;
const NS_PER_SECOND = 1_000_000_000;

/**
 * A point in time as OpenTelemetry's seconds and nanoseconds since 1970, or undefined when it is none.
 * A number is milliseconds since 1970; one that is not above `performance.now()` was read from that clock
 * and is moved to wall time, as the SDK does it, with the clocks' distance of this moment.
 */
export function toHrTime(time: unknown): HrTime | undefined {
  if (time instanceof Date) return fromMilliseconds(time.getTime());
  if (typeof time === "number") {
    const monotonic = performance.now();
    return fromMilliseconds(time <= monotonic ? Date.now() - monotonic + time : time);
  }
  return isHrTime(time) ? [time[0], time[1]] : undefined;
}

function fromMilliseconds(ms: number): HrTime | undefined {
  if (!Number.isFinite(ms) || ms < 0) return undefined;
  const seconds = Math.floor(ms / MS_PER_SECOND);
  const nanoseconds = Math.round((ms - seconds * MS_PER_SECOND) * NS_PER_MS);
  return nanoseconds === NS_PER_SECOND ? [seconds + 1, 0] : [seconds, nanoseconds];
}

function isHrTime(time: unknown): time is HrTime & TimeInput {
  if (!Array.isArray(time) || time.length !== 2) return false;
  const [seconds, nanoseconds] = time as [unknown, unknown];
  return isCount(seconds) && isCount(nanoseconds) && nanoseconds < NS_PER_SECOND;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
