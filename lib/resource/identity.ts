import { RandomIdGenerator } from "@opentelemetry/sdk-trace-base";
import { homedir, userInfo } from "node:os";
import type { Context } from "@opentelemetry/api";
import { propagation } from "@opentelemetry/api";
import { ATTR_SESSION_ID } from "./semanticConventions.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** The form that a session id from another process must have; any other is not adopted. */
const SESSION_ID = /^[\w-]{8,64}$/;

/** The distinct id of a developer who has not set one: `land-dev-<user>`. */
export function defaultDistinctId(environment: Environment): string {
  return `land-dev-${userName(environment)}`;
}

/** The login name and home directory of this process's user, if known; redaction removes both from everything. */
export function localUser(environment: Environment = process.env): {
  readonly user?: string;
  readonly home?: string;
} {
  const user = userName(environment);
  let home = "";
  try {
    home = homedir();
  } catch {
    // Unknown, as in some containers.
  }
  return { ...(user === "unknown" ? {} : { user }), ...(home === "" ? {} : { home }) };
}

/**
 * The user's name: `USER`, `USERNAME`, the operating system's own look-up, or `unknown`. Mountain starts its
 * children without `USER`.
 */
function userName(environment: Environment): string {
  for (const name of ["USER", "USERNAME"]) {
    const value = environment[name]?.trim();
    if (value !== undefined && value !== "") return value;
  }
  try {
    // Throws if the user id has no entry, as in some containers.
    return userInfo().username || "unknown";
  } catch {
    return "unknown";
  }
}

/**
 * A random UUID (RFC 9562, version 4) from the SDK's own generator. Loading node:crypto would take longer at the start
 * of a process than everything else that `register` does.
 */
export function newId(): string {
  const hex = new RandomIdGenerator().generateTraceId();
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** A UUID with the current time (RFC 9562, version 7), the only kind of session id that PostHog accepts. */
export function newSessionId(): string {
  const time = Date.now().toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-7${newId().slice(15)}`;
}

/** The session id that the parent process passed on in its baggage, else a new one. */
export function sessionIdOf(parent: Context): string {
  return sessionIn(parent) ?? newSessionId();
}

/** The session id in a context's baggage; undefined if there is none or it is malformed. */
export function sessionIn(parent: Context): string | undefined {
  const inherited = propagation.getBaggage(parent)?.getEntry(ATTR_SESSION_ID)?.value;
  return inherited !== undefined && SESSION_ID.test(inherited) ? inherited : undefined;
}
