import type { Configuration } from "../config/Configuration.js";
import type { EventIdentity } from "./EventIdentity.js";

/** Whose events those of this process are. */
export function identityOf({ tier, app, posthog }: Configuration): EventIdentity {
  return { tier, app, distinctId: posthog.distinctId, pid: process.pid };
}
