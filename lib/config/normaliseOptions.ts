import { diagnoseSetting } from "../shared/diagnostics.js";
import type { TelemetryOptions } from "./TelemetryOptions.js";

/** The known options. A group is an object; a part is an object or a boolean for all of it. */
const KINDS = {
  tier: "value",
  capture: "value",
  mirror: "value",
  ignoreErrors: "value",
  sampler: "value",
  spanProcessors: "value",
  baggageAttributes: "value",
  shutdownTimeoutMs: "value",
  resourceAttributes: "group",
  app: "group",
  posthog: "group",
  otlp: "group",
  throttle: "group",
  spool: "part",
  privacy: "part",
  processHooks: "part",
} as const satisfies Record<keyof TelemetryOptions, "value" | "group" | "part">;

/**
 * The options given to `register`, copied into a form that is safe to read: known keys only, groups that are objects,
 * no getters, and nothing that changes when the caller changes the original. What does not fit is reported and left
 * out.
 */
export function normaliseOptions(given: unknown): TelemetryOptions {
  if (typeof given !== "object" || given === null)
    return { tier: given } as unknown as TelemetryOptions;
  const options: Record<string, unknown> = {};
  for (const [key, kind] of Object.entries(KINDS)) {
    const value = read(given, key);
    if (value === undefined) continue;
    if (kind === "value" || (kind === "part" && typeof value === "boolean")) options[key] = value;
    else if (typeof value === "object" && value !== null) options[key] = copy(value);
    else diagnoseSetting(key, value, "an object", "It is left out.");
  }
  return options as unknown as TelemetryOptions;
}

function copy(group: object): Readonly<Record<string, unknown>> {
  const copied: Record<string, unknown> = {};
  for (const key of keysOf(group)) {
    const value = read(group, key);
    if (value !== undefined)
      copied[key] =
        key === "headers" && typeof value === "object" && value !== null ? copy(value) : value;
  }
  return Object.freeze(copied);
}

function keysOf(value: object): string[] {
  try {
    return Object.keys(value);
  } catch {
    return [];
  }
}

/** A list is copied; its members are not, because a processor has an identity. */
function read(value: object, key: string): unknown {
  try {
    const member = (value as Record<string, unknown>)[key];
    return Array.isArray(member) ? Object.freeze([...(member as unknown[])]) : member;
  } catch {
    diagnoseSetting(key, "…", "a property that can be read", "It is left out.");
    return undefined;
  }
}
