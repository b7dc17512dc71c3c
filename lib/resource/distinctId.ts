import { homedir, userInfo } from "node:os";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The distinct id of a developer who has not set one: `land-dev-<user>`. Mountain starts its children without
 * `USER`, so `USERNAME`, then the operating system, are asked next.
 */
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
    // Nobody knows.
  }
  return { ...(user === "unknown" ? {} : { user }), ...(home === "" ? {} : { home }) };
}

/** The user's name: `USER`, `USERNAME`, the operating system's own look-up, or `unknown`. */
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
