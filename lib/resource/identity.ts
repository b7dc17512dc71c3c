import { RandomIdGenerator } from "@opentelemetry/sdk-trace-base";
import { homedir, userInfo } from "node:os";
import type { Context } from "@opentelemetry/api";
import { propagation } from "@opentelemetry/api";
import { ATTR_SESSION_ID } from "./semanticConventions.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** What a session id may look like when it comes from another process; anything else is not taken over. */
const SESSION_ID = /^[\w-]{8,64}$/;

/** The distinct id of a developer who has not set one: `land-dev-<user>`. */
export function defaultDistinctId(environment: Environment): string {
  return `land-dev-${userName(environment)}`;
}

/** Who this process runs for, as far as that is known: what redaction takes out of everything. */
export function localUser(environment: Environment = process.env): {
  readonly user?: string;
  readonly home?: string;
} {
  const user = userName(environment);
  let home = "";
  try {
    home = homedir();
  } catch {
    // As in some containers, nobody knows.
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
    // Throws where the user id has no entry, as in some containers.
    return userInfo().username || "unknown";
  } catch {
    return "unknown";
  }
}

/**
 * A random UUID (RFC 9562, version 4) of the SDK's own generator. node:crypto would take the start of a process longer
 * to load than everything else that `register` does.
 */
export function newId(): string {
  const hex = new RandomIdGenerator().generateTraceId();
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** A UUID of this moment (RFC 9562, version 7), the only kind of session that PostHog knows. */
export function newSessionId(): string {
  const time = Date.now().toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-7${newId().slice(15)}`;
}

/** The session id that the parent process handed down in its baggage, else a new one. */
export function sessionIdOf(parent: Context): string {
  return sessionIn(parent) ?? newSessionId();
}

/** The session id in a context's baggage, if it is one. */
export function sessionIn(parent: Context): string | undefined {
  const inherited = propagation.getBaggage(parent)?.getEntry(ATTR_SESSION_ID)?.value;
  return inherited !== undefined && SESSION_ID.test(inherited) ? inherited : undefined;
}
