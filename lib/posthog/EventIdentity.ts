import type { ApplicationOptions } from "../config/TelemetryOptions.js";

/** Who and what the events of a process speak of. */
export interface EventIdentity {
  readonly tier: string;
  readonly app: Required<ApplicationOptions>;
  readonly distinctId: string;
  /** The process of all spans; without it each span's resource is asked. */
  readonly pid?: number;
}
