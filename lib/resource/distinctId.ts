import { userInfo } from "node:os";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The distinct id of a developer who has not set one: `land-dev-<user>`. Mountain starts its children without
 * `USER`, so `USERNAME`, then the operating system, are asked next.
 */
export function defaultDistinctId(environment: Environment): string {
  return `land-dev-${userName(environment)}`;
}

/** The user's name: `USER`, `USERNAME`, the operating system's own look-up, or `unknown`. */
export function userName(environment: Environment): string {
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
