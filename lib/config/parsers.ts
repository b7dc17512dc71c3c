import { diagnoseSetting, HIDDEN } from "../shared/diagnostics.js";

/**
 * Parses one value of a setting. Strings are already trimmed and not empty. A value that cannot be used is reported
 * under the name of its option or variable, with what is done instead, and the result is undefined.
 */
export type Parse<T> = (name: string, value: unknown, instead?: string) => T | undefined;

const UNSET = "It is treated as unset.";
const SWITCH_WORDS = ["true", "1", "on", "yes", "false", "0", "off", "no"];
/** Above this, setTimeout overflows and fires immediately. Only {@link parseAmount} allows more. */
const LARGEST = 2 ** 31 - 1;
/**
 * A project key has no blanks and no control characters. PostHog's own begin with `phc_`; self-hosted ones need not.
 * A personal API key, `phx_…`, can read and change projects, so it is never sent anywhere.
 */
const KEY = /^(?!phx_)[\x21-\x7e]{1,256}$/;
/** The prefix of a project key or a personal API key; the rest of the key is never shown. */
const PUBLIC_PREFIX = /^ph[cx]_/;

/** A switch, in any letter case. */
export const parseBoolean: Parse<boolean> = (name, value, instead = UNSET) => {
  if (typeof value === "boolean") return value;
  const word =
    typeof value === "string" || typeof value === "number" ? `${value}`.toLowerCase() : "?";
  const index = SWITCH_WORDS.indexOf(word);
  if (index >= 0) return index < SWITCH_WORDS.length / 2;
  diagnoseSetting(name, value, SWITCH_WORDS.join(", "), instead);
  return undefined;
};

function parseNumberThat(accepted: string, isUsable: (number: number) => boolean): Parse<number> {
  return (name, value, instead = UNSET) => {
    const number =
      typeof value === "number" || typeof value === "string" ? Number(value) : Number.NaN;
    if (isUsable(number)) return number;
    diagnoseSetting(name, value, accepted, instead);
    return undefined;
  };
}

/** A positive number up to `LARGEST`: milliseconds that a timer can wait for, or any other quantity. */
export const parseNumber = parseNumberThat(
  `a number above 0 and up to ${LARGEST}`,
  (number) => number > 0 && number <= LARGEST,
);

/** Bytes, or an age in milliseconds; it may be larger because no timer waits for it. */
export const parseAmount = parseNumberThat(
  "a number above 0",
  (number) => number > 0 && number <= Number.MAX_SAFE_INTEGER,
);

/** A count of at least one. */
export const parseCount = parseNumberThat(
  `a whole number from 1 to ${LARGEST}`,
  (number) => Number.isInteger(number) && number >= 1 && number <= LARGEST,
);

/** A limit, which may be 0. */
export const parseLimit = parseNumberThat(
  `a whole number from 0 to ${LARGEST}`,
  (number) => Number.isInteger(number) && number >= 0 && number <= LARGEST,
);

/** A fraction of a whole, from 0 to 1. */
export const parseShare = parseNumberThat(
  "a number from 0 to 1",
  (share) => share >= 0 && share <= 1,
);

export const parseText: Parse<string> = (name, value, instead = UNSET) => {
  if (typeof value === "string") return value;
  diagnoseSetting(name, value, "a string", instead);
  return undefined;
};

/** A file system path, which cannot contain NUL. */
export const parsePath: Parse<string> = (name, value, instead = UNSET) => {
  if (typeof value === "string" && !value.includes("\0")) return value;
  diagnoseSetting(name, value, "a path", instead);
  return undefined;
};

/** One of a few words, in any letter case, as the OpenTelemetry specification requires of enum values. */
export function parseChoice<T extends string>(accepted: readonly T[], fallback: T): Parse<T> {
  return (name, value, instead = `${fallback} is used.`) => {
    const text = typeof value === "string" ? value.toLowerCase() : undefined;
    const chosen = accepted.find((word) => word === text);
    if (chosen === undefined) diagnoseSetting(name, value, accepted.join(", "), instead);
    return chosen;
  };
}

/** An http or https URL. node:http decodes its credentials, and makes no request if they cannot be decoded. */
export const parseUrl: Parse<string> = (name, value, instead = UNSET) => {
  let accepted = "an http:// or https:// URL";
  if (typeof value === "string" && URL.canParse(value)) {
    const { protocol, username, password } = new URL(value);
    if (protocol === "http:" || protocol === "https:") {
      if (decode(username) !== undefined && decode(password) !== undefined) return value;
      accepted += " whose credentials are percent-encoded, with a percent sign as %25";
    }
  }
  diagnoseSetting(name, typeof value === "string" ? hostOf(value) : value, accepted, instead);
  return undefined;
};

/** A host with or without a port, or text too short to be a key. */
const HOST = /^(?:[\w .-]{0,15}|[\w-]+\.[\w .-]*|[\w-]+(?=:)|\[[\da-f:.]*\])(?::\d{1,5})?$/i;

/** The part of an unusable URL that can be shown: scheme and host. The rest may hold a password or a key. */
function hostOf(text: string): string {
  const [, scheme = "", rest = ""] = /^([a-z][\w+.-]*:\/\/|\/\/)?(.*)$/is.exec(text) ?? [];
  const at = rest.lastIndexOf("@") + 1;
  const [host = ""] = /^[^/?#\\]*/.exec(rest.slice(at)) ?? [];
  const tail = rest.length > at + host.length ? HIDDEN : "";
  return `${scheme}${at > 0 ? `${HIDDEN}@` : ""}${HOST.test(host) ? host + tail : HIDDEN}`;
}

/** A project key. An empty string is valid and kept: it removes the key. */
export const parseProjectKey: Parse<string> = (name, value) => {
  const key = typeof value === "string" ? value.trim() : undefined;
  if (key !== undefined && (key === "" || KEY.test(key))) return key;
  diagnoseSetting(
    name,
    key === undefined ? value : `${PUBLIC_PREFIX.exec(key)?.[0] ?? ""}${HIDDEN}`,
    "a project key such as phc_…, not a personal API key, without blanks",
    "The PostHog pipe is off.",
  );
  return undefined;
};

/**
 * Parses `key=value,key=value`, both percent-encoded, as in `OTEL_RESOURCE_ATTRIBUTES`. A malformed pair is reported
 * and left out; the official reader would silently drop all of them.
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
