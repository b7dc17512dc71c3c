import type { ApplicationOptions } from "../configuration/TelemetryOptions.js";

/** Who and what the events of a process speak of. */
export interface EventIdentity {
  readonly tier: string;
  readonly app: Required<ApplicationOptions>;
  readonly distinctId: string;
}
