import { diagnoseSetting } from "../shared/diagnostics.js";

/**
 * Reads one value of a setting. Text is already trimmed and not empty. A value that cannot be used is reported under
 * the name of its option or variable, and gives undefined.
 */
export type Parse<T> = (name: string, value: unknown) => T | undefined;

const UNSET = "It is taken as unset.";
const SWITCH_WORDS = ["true", "1", "on", "yes", "false", "0", "off", "no"];
/** setTimeout overflows above this and fires at once; no number here means more than that. */
const LARGEST = 2 ** 31 - 1;
/** A project key has no blanks and no control characters; PostHog's own begin with `phc_`, self-hosted ones may not. */
const KEY = /^[\x21-\x7e]{1,256}$/;

/** A switch, in any letter case. */
export const parseBoolean: Parse<boolean> = (name, value) => {
  if (typeof value === "boolean") return value;
  const word =
    typeof value === "string" || typeof value === "number" ? `${value}`.toLowerCase() : "?";
  const index = SWITCH_WORDS.indexOf(word);
  if (index >= 0) return index < SWITCH_WORDS.length / 2;
  diagnoseSetting(name, value, SWITCH_WORDS.join(", "), UNSET);
  return undefined;
};

/** A positive finite number. */
export const parseNumber: Parse<number> = (name, value) => {
  const number =
    typeof value === "number" || typeof value === "string" ? Number(value) : Number.NaN;
  if (number > 0 && number <= LARGEST) return number;
  diagnoseSetting(name, value, `a number above 0 and up to ${LARGEST}`, UNSET);
  return undefined;
};

export const parseText: Parse<string> = (name, value) => {
  if (typeof value === "string") return value;
  diagnoseSetting(name, value, "text", UNSET);
  return undefined;
};

/** One of a few words, in any letter case, as the OpenTelemetry specification asks of enum values. */
export function parseChoice<T extends string>(accepted: readonly T[], fallback: T): Parse<T> {
  return (name, value) => {
    const text = parseText(name, value);
    if (text === undefined) return undefined;
    const chosen = accepted.find((word) => word === text.toLowerCase());
    if (chosen === undefined)
      diagnoseSetting(name, value, accepted.join(", "), `${fallback} is used.`);
    return chosen;
  };
}

/** An http or https URL. Its credentials are sent decoded; node:http makes no request with others. */
export const parseUrl: Parse<string> = (name, value) => {
  let accepted = "an http:// or https:// URL";
  if (typeof value === "string" && URL.canParse(value)) {
    const { protocol, username, password } = new URL(value);
    if (protocol === "http:" || protocol === "https:") {
      if (decode(username) !== undefined && decode(password) !== undefined) return value;
      accepted += " whose credentials are percent-encoded, a percent sign as %25";
    }
  }
  diagnoseSetting(name, value, accepted, UNSET);
  return undefined;
};

/** A project key. Here empty text has a meaning and stays: it takes the key away. */
export const parseProjectKey: Parse<string> = (name, value) => {
  const key = typeof value === "string" ? value.trim() : undefined;
  if (key !== undefined && (key === "" || KEY.test(key))) return key;
  diagnoseSetting(
    name,
    key === undefined ? value : `${key.slice(0, 4)}…`,
    "a project key such as phc_…, without blanks",
    "The PostHog pipe is off.",
  );
  return undefined;
};

/**
 * `key=value,key=value`, both percent-encoded, the form of `OTEL_RESOURCE_ATTRIBUTES`. A pair that does not fit is
 * reported and left out; the official reader would leave out all of them and not say so.
 */
export function parseKeyPairs(name: string, value: string): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const pair of value.split(",")) {
    if (pair.trim() === "") continue;
    const equals = pair.indexOf("=");
    const key = equals > 0 ? decode(unquoted(pair.slice(0, equals))) : undefined;
    const decoded = decode(unquoted(pair.slice(equals + 1)));
    if (key && key !== "__proto__" && decoded !== undefined) pairs[key] = decoded;
    else
      diagnoseSetting(
        name,
        // The pair itself may be a credential, so only its key is shown.
        key ? `${key}=…` : "…",
        "key=value pairs, percent-encoded, separated by commas",
        "The pair is left out.",
      );
  }
  return pairs;
}

function unquoted(text: string): string {
  return text.trim().replace(/^"|"$/g, "");
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
