import { homedir, userInfo } from "node:os";
import type { Context } from "@opentelemetry/api";
import { propagation } from "@opentelemetry/api";
import { randomUuid } from "../shared/builtins.js";
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

/** The session id that the parent process handed down in its baggage, else a new one. */
export function sessionIdOf(parent: Context): string {
  const inherited = propagation.getBaggage(parent)?.getEntry(ATTR_SESSION_ID)?.value;
  return inherited !== undefined && SESSION_ID.test(inherited) ? inherited : randomUuid();
}
