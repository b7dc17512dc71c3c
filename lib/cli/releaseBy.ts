import type { Environment } from "../config/SettingReader.js";

const PRODUCTION_CONDITION = /(?:^|\s)(?:--conditions|-C)[=\s]production(?:\s|$)/;

/** What makes a program in this environment a release, as the beginning of a sentence; undefined if nothing does. */
export function releaseBy(environment: Environment): string | undefined {
  if (environment["NODE_ENV"] === "production") return "NODE_ENV is production";
  return PRODUCTION_CONDITION.test(environment["NODE_OPTIONS"] ?? "")
    ? "NODE_OPTIONS sets the condition production"
    : undefined;
}
