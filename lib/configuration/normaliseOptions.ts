import { diagnoseSetting } from "../shared/diagnose.js";
import type { TelemetryOptions } from "./TelemetryOptions.js";

const GROUPS = ["app", "posthog", "otlp", "throttle"] as const;
const KEYS = [
  "tier",
  "capture",
  "mirror",
  "sampler",
  "spanProcessors",
  "resourceAttributes",
  "baggageAttributes",
  "privacy",
  "spool",
  "shutdownTimeoutMs",
  "processHooks",
  ...GROUPS,
] as const satisfies readonly (keyof TelemetryOptions)[];

/**
 * What a caller gave `register`, in a form that can be read without care: an object of known keys, groups that are
 * objects, and no getter left that could throw. What does not fit is reported and left out.
 */
export function normaliseOptions(given: unknown): TelemetryOptions {
  if (typeof given !== "object" || given === null) return { tier: given } as unknown as TelemetryOptions;
  const options: Record<string, unknown> = {};
  for (const key of KEYS) {
    const value = read(given, key);
    if (value !== undefined) options[key] = value;
  }
  for (const group of [...GROUPS, "spool", "privacy", "processHooks"]) {
    const value = options[group];
    if (value === undefined || (typeof value === "boolean" && !(GROUPS as readonly string[]).includes(group))) continue;
    if (typeof value === "object" && value !== null) options[group] = copy(value);
    else {
      diagnoseSetting(group, value, "an object", "It is left out.");
      options[group] = undefined;
    }
  }
  return options as unknown as TelemetryOptions;
}

function copy(group: object): Record<string, unknown> {
  const copied: Record<string, unknown> = {};
  for (const key of keysOf(group)) {
    const value = read(group, key);
    if (value !== undefined) copied[key] = value;
  }
  return copied;
}

function keysOf(value: object): string[] {
  try {
    return Object.keys(value);
  } catch {
    return [];
  }
}

function read(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    diagnoseSetting(key, "…", "a property that can be read", "It is left out.");
    return undefined;
  }
}
