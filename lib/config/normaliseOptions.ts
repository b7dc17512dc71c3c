import { diagnoseSetting } from "../shared/diagnose.js";
import { isObject } from "../shared/isObject.js";
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
 * What a caller gave `register`, in a form that can be read without care and later: an object of known keys, groups that
 * are objects, no getter left that could throw, and nothing that changes when the caller changes what was given. What
 * does not fit is reported and left out.
 */
export function normaliseOptions(given: unknown): TelemetryOptions {
  if (typeof given !== "object" || given === null)
    return { tier: given } as unknown as TelemetryOptions;
  const options: Record<string, unknown> = {};
  for (const key of KEYS) {
    const value = read(given, key);
    if (value !== undefined) options[key] = copyOf(value);
  }
  for (const group of [...GROUPS, "spool", "privacy", "processHooks"]) {
    const value = options[group];
    if (
      value === undefined ||
      (typeof value === "boolean" && !(GROUPS as readonly string[]).includes(group))
    )
      continue;
    if (typeof value === "object" && value !== null) options[group] = copy(value);
    else {
      diagnoseSetting(group, value, "an object", "It is left out.");
      options[group] = undefined;
    }
  }
  const { resourceAttributes } = options;
  if (isObject(resourceAttributes)) options["resourceAttributes"] = copy(resourceAttributes);
  const otlp = options["otlp"] as Record<string, unknown> | undefined;
  if (otlp !== undefined && isObject(otlp["headers"])) otlp["headers"] = copy(otlp["headers"]);
  return options as unknown as TelemetryOptions;
}

function copy(group: object): Record<string, unknown> {
  const copied: Record<string, unknown> = {};
  for (const key of keysOf(group)) {
    const value = read(group, key);
    if (value !== undefined) copied[key] = copyOf(value);
  }
  return copied;
}

/** Of a list, with what is in it as it is: that has an identity, as a processor has. */
function copyOf(value: unknown): unknown {
  return Array.isArray(value) ? [...(value as unknown[])] : value;
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
