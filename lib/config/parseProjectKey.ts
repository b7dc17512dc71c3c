import { diagnoseSetting } from "../shared/diagnose.js";
import type { Candidate } from "./SettingReader.js";

/** A project key has no blanks and no control characters; PostHog's own begin with `phc_`, self-hosted ones may not. */
const KEY = /^[\x21-\x7e]{1,256}$/;

/**
 * The project key of the first candidate that is set at all. A key that is set but empty turns the pipe off and
 * does not fall through to the next: that is how a release overlay takes the key away.
 */
export function parseProjectKey(candidates: readonly Candidate[]): {
  readonly key: string;
  readonly source: string;
} {
  for (const [name, value] of candidates) {
    if (value === undefined || value === null) continue;
    const key = typeof value === "string" ? value.trim() : "?\u0000";
    if (key === "" || KEY.test(key)) return { key, source: name };
    diagnoseSetting(
      name,
      typeof value === "string" ? `${value.trim().slice(0, 4)}…` : value,
      "a project key such as phc_…, without blanks",
      "The PostHog pipe is off.",
    );
    return { key: "", source: name };
  }
  return { key: "", source: "default" };
}
