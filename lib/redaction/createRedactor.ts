import { diagnoseSetting } from "../shared/diagnose.js";
import { buildHeads } from "./buildHeads.js";
import { KeyRules } from "./KeyRules.js";
import { KnownPlaces } from "./KnownPlaces.js";
import { ownRules } from "./ownRules.js";
import { surroundings } from "./places.js";
import type { PrivacyEnvironment, PrivacyOptions } from "./PrivacyOptions.js";
import type { Redactor } from "./Redactor.js";
import { Scanner } from "./Scanner.js";
import { ScanningRedactor } from "./ScanningRedactor.js";
import { userSpellings } from "./userNames.js";

/** Long enough for a stack with causes; a file's content is not telemetry. */
const DEFAULT_MAX_LENGTH = 8_192;
const MIN_MAX_LENGTH = 16;

/**
 * Makes the redactor of a process. Unusable options are reported once and replaced by their defaults; only
 * `enabled: false` turns redaction off.
 */
export function createRedactor(
  options: PrivacyOptions = {},
  environment: PrivacyEnvironment = {},
): Redactor {
  if (options.enabled === false) return UNCHANGED;
  const { homes, user, applicationRoot } = surroundings(options, environment);
  const heads = buildHeads(userSpellings(user, homes));
  const scanner = new Scanner(
    heads,
    new KnownPlaces(homes, applicationRoot),
    maxLengthOf(options.maxValueLength),
  );
  const keys = new KeyRules(
    names("allowKeys", options.allowKeys),
    names("denyKeys", options.denyKeys),
  );
  return new ScanningRedactor(scanner, keys, ownRules(options));
}

const UNCHANGED: Redactor = {
  repeats: true,
  text: (value) => value,
  value: (value) => value,
  attribute: (_key, value) => value,
  attributes: (attributes) => attributes,
  stack: (text) => text,
  resource: (resource) => resource,
  scope: (scope) => scope,
};

function maxLengthOf(value: number | undefined): number {
  if (value === undefined) return DEFAULT_MAX_LENGTH;
  if (typeof value === "number" && value >= MIN_MAX_LENGTH) return Math.floor(value);
  diagnoseSetting(
    "privacy.maxValueLength",
    value,
    `numbers from ${MIN_MAX_LENGTH}`,
    `It is ${DEFAULT_MAX_LENGTH}.`,
  );
  return DEFAULT_MAX_LENGTH;
}

function names(option: string, value: readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  const usable = Array.isArray(value)
    ? value.filter((name: unknown) => typeof name === "string")
    : [];
  if (usable.length !== value.length)
    diagnoseSetting(`privacy.${option}`, value, "a list of names", "What is no name is left out.");
  return usable;
}
