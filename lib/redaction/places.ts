import type { PrivacyEnvironment, PrivacyOptions } from "./PrivacyOptions.js";

/** What is known of the machine: the homes, the user and the application's directory. */
export interface Surroundings {
  readonly homes: readonly string[];
  readonly user: string | undefined;
  readonly applicationRoot: string | undefined;
}

const LAST_SEGMENT = /[\\/][^\\/]*$/;

/** Options first, then what the caller found out, then the process. */
export function surroundings(
  options: PrivacyOptions,
  environment: PrivacyEnvironment,
): Surroundings {
  const { env, argv } = process;
  const homes = [environment.home, env["HOME"], env["USERPROFILE"]].filter(
    (home) => home !== undefined && home !== "",
  );
  return {
    homes: environment.home === undefined ? distinct(homes) : [environment.home],
    user: environment.user ?? env["USER"] ?? env["USERNAME"] ?? env["LOGNAME"],
    applicationRoot:
      options.applicationRoot ?? environment.applicationRoot ?? argv[1]?.replace(LAST_SEGMENT, ""),
  };
}

function distinct(values: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(values)].filter((value) => value !== undefined);
}
