import { types } from "node:util";
import { attempt } from "../shared/attempt.js";
import { diagnoseSetting, HIDDEN } from "../shared/diagnostics.js";
import type { Pipe } from "../shared/Stats.js";
import { nearestName } from "./nearestName.js";
import type { TelemetryOptions } from "./TelemetryOptions.js";

/** All options by name. A group lists its members; the two that are empty here have names of the caller's choosing. */
const OPTIONS = {
  tier: true,
  capture: true,
  mirror: true,
  ignoreErrors: true,
  sampler: true,
  spanProcessors: true,
  baggageAttributes: true,
  shutdownTimeoutMs: true,
  environment: {},
  relay: true,
  resourceAttributes: {},
  app: { name: true, version: true, buildMode: true },
  posthog: {
    enabled: true,
    key: true,
    host: true,
    distinctId: true,
    errorTracking: true,
    flushInterval: true,
    flushAt: true,
  },
  otlp: { enabled: true, endpoint: true, headers: true, protocol: true, timeoutMs: true },
  throttle: { perSecond: true, errorCap: true, completionsPerSecond: true },
  spool: { directory: true, maxBytes: true, maxAgeMs: true },
  recorder: { openAfterMs: true, handlersAtStart: true },
  privacy: {
    enabled: true,
    patterns: true,
    allowKeys: true,
    denyKeys: true,
    secretNames: true,
    tokens: true,
    keep: true,
    redact: true,
    applicationRoot: true,
    maxValueLength: true,
  },
  observe: {
    uncaught: true,
    resources: true,
    violations: true,
    marks: true,
    longTasks: true,
    navigation: true,
    interactions: true,
    visibility: true,
  },
  processHooks: { exit: true, beforeExit: true, uncaught: true, signals: true },
} as const satisfies Names<TelemetryOptions>;

/** The names in an options type, group by group, so that the compiler reports a missing one. */
type Names<T> = { readonly [K in keyof T]-?: NamesOf<Extract<T[K], object>> };
type NamesOf<G> = [G] extends [never]
  ? true
  : G extends readonly unknown[] | ((...args: never[]) => unknown) | { shouldSample: unknown }
    ? true
    : string extends keyof G
      ? Readonly<Record<string, never>>
      : { readonly [K in keyof G]-?: true };

const PIPES: readonly Pipe[] = ["posthog", "otlp"];
/** Groups that a boolean turns on or off as a whole. */
const PARTS: readonly string[] = ["spool", "recorder", "privacy", "processHooks", "observe"];
/** The most unknown names reported for one object; an object with more of them was not meant as options. */
const MAX_UNKNOWN = 20;
const ALL_NAMES = Object.entries(OPTIONS).flatMap(([name, members]) => [
  name,
  ...Object.keys(members).map((member) => `${name}.${member}`),
]);
/** The options that decide whether and where a pipe sends. */
const DECISIVE = /\.(?:enabled|host|endpoint)$/;
const URL_START = /^\s*[a-z][\w+.-]*:\/\//i;

/** For each pipe that must not send, the name of an option about it that could not be understood. */
export type Misunderstood = Partial<Record<Pipe, string>>;

/**
 * Copies the options given to `register` into a form that is safe to read: only known names, groups that are objects,
 * no getters, and nothing that changes when the caller changes the original. Anything else is reported and left out;
 * if it may have been meant to turn a pipe off or redirect it, its name is added to `misunderstood`.
 */
export function normaliseOptions(
  given: unknown,
  misunderstood: Misunderstood = {},
): TelemetryOptions {
  if (typeof given !== "object" || given === null)
    return { tier: given } as unknown as TelemetryOptions;
  const options: Record<string, unknown> = {};
  for (const [name, members] of Object.entries(OPTIONS)) {
    const value = read(given, name, name, misunderstood);
    if (isUnset(value)) continue;
    const isPart = PARTS.includes(name);
    if (members === true || (isPart && typeof value === "boolean")) options[name] = value;
    else if (isGroup(value)) options[name] = copyGroup(name, value, members, misunderstood);
    else {
      const isPipe = name === "posthog" || name === "otlp";
      if (isPipe) misunderstood[name] ??= name;
      // A string here may be a key or a URL with a password.
      const shown = isPipe && typeof value === "string" ? HIDDEN : value;
      diagnoseSetting(
        name,
        shown,
        "an object",
        isPipe ? `The ${name} pipe is off.` : "It is left out.",
      );
    }
  }
  reportUnknown("", given, OPTIONS, misunderstood);
  return options as unknown as TelemetryOptions;
}

function copyGroup(
  name: string,
  group: object,
  members: Readonly<Record<string, true>>,
  misunderstood: Misunderstood,
): object {
  const known = Object.keys(members);
  if (known.length === 0) return copyOwn(name, group, misunderstood);
  reportUnknown(`${name}.`, group, members, misunderstood);
  return copy(name, group, known, misunderstood);
}

/** Copies a group whose names are chosen by the caller. */
function copyOwn(name: string, group: object, misunderstood: Misunderstood): object {
  const keys = keysOf(group);
  if (keys === undefined) diagnoseSetting(name, HIDDEN, "an object", "It is left out.");
  return copy(name, group, keys ?? [], misunderstood);
}

function copy(
  name: string,
  group: object,
  keys: readonly string[],
  misunderstood: Misunderstood,
): Readonly<Record<string, unknown>> {
  const copied: Record<string, unknown> = {};
  for (const key of keys) {
    const value = read(group, key, `${name}.${key}`, misunderstood);
    if (isUnset(value) || key === "__proto__") continue;
    copied[key] =
      name === "otlp" && key === "headers" && isGroup(value)
        ? copyOwn("otlp.headers", value, misunderstood)
        : value;
  }
  return Object.freeze(copied);
}

/** Reports unknown options, each with the known name that was probably meant. Their values are never shown. */
function reportUnknown(
  prefix: string,
  group: object,
  known: object,
  misunderstood: Misunderstood,
): void {
  const unknown = keysOf(group)?.filter((key) => !Object.hasOwn(known, key)) ?? [];
  for (const key of unknown.slice(0, MAX_UNKNOWN)) {
    const name = prefix + key;
    const value = read(group, key, name, misunderstood);
    if (isUnset(value)) continue;
    const nearest = nearestName(name, ALL_NAMES);
    const pipes = pipesAtStake(prefix, nearest, value);
    for (const pipe of pipes) misunderstood[pipe] ??= name;
    const meant = nearest === undefined ? "" : `; the closest is ${nearest}`;
    const off = pipes.map((pipe) => `The ${pipe} pipe is off.`);
    const names = Object.keys(known).map((each) => prefix + each);
    diagnoseSetting(
      name,
      HIDDEN,
      `the options ${names.join(", ")}${meant}`,
      off.length === 0 ? "It is left out." : off.join(" "),
    );
  }
}

/** The pipes that an unknown option may have been meant to turn off or redirect. */
function pipesAtStake(prefix: string, nearest: string | undefined, value: unknown): Pipe[] {
  const isUrl = attempt(() => URL_START.test(String(value))) === true;
  if (!isUrl && (nearest === undefined || !DECISIVE.test(nearest))) return [];
  const named = prefix === "" ? (nearest ?? "") : prefix;
  const pipes = PIPES.filter((pipe) => named.startsWith(`${pipe}.`));
  return prefix === "" && pipes.length === 0 ? [...PIPES] : pipes;
}

/** Whether a value is an object with named members, not an array, function or built-in such as a Map. */
export function isGroup(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return types.isProxy(value) || attempt(() => Object.prototype.toString.call(value)) === PLAIN;
}

const PLAIN = "[object Object]";

function isUnset(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

function keysOf(value: object): string[] | undefined {
  return attempt(() => Object.keys(value));
}

/** Reads a member. An array is copied but its elements are not, because a span processor has an identity. */
function read(value: object, key: string, name: string, misunderstood: Misunderstood): unknown {
  try {
    const member = (value as Record<string, unknown>)[key];
    return Array.isArray(member) ? Object.freeze([...(member as unknown[])]) : member;
  } catch {
    for (const pipe of PIPES)
      if (name === "capture" || name === pipe || (name.startsWith(pipe) && DECISIVE.test(name)))
        misunderstood[pipe] ??= name;
    diagnoseSetting(name, HIDDEN, "a readable property", "It is left out.");
    return undefined;
  }
}
