import { isTier, Tier } from "../resource/Tier.js";
import { diagnoseSetting } from "../shared/diagnose.js";
import type { Configuration } from "./Configuration.js";
import { DEFAULTS } from "./defaults.js";
import { normaliseOptions } from "./normaliseOptions.js";
import { readGates } from "./readGates.js";
import type { Environment } from "./SettingReader.js";
import { SettingReader } from "./SettingReader.js";
import type { TelemetryOptions } from "./TelemetryOptions.js";

/** What a start must know at once: whether there is anything to do, as whom, and how the process is watched. */
export interface Switches extends Pick<
  Configuration,
  "tier" | "gates" | "processHooks" | "shutdownTimeoutMs"
> {
  readonly key: string;
  /** For the rest of the configuration: what was given, as it was then. */
  readonly options: TelemetryOptions;
  readonly environment: Environment;
  readonly reader: SettingReader;
}

/** The first part of `readConfiguration`. */
export function readSwitches(given: TelemetryOptions, environment: Environment): Switches {
  const options = normaliseOptions(given);
  const reader = new SettingReader(environment);
  return {
    tier: readTier(options.tier),
    ...readGates(reader, options),
    processHooks: options.processHooks ?? true,
    shutdownTimeoutMs: reader.number(
      "shutdownTimeoutMs",
      [["shutdownTimeoutMs", options.shutdownTimeoutMs]],
      DEFAULTS.shutdownTimeoutMs,
    ),
    options,
    environment,
    reader,
  };
}

function readTier(tier: unknown): Tier {
  if (isTier(tier)) return tier;
  const lowered = typeof tier === "string" ? tier.trim().toLowerCase() : tier;
  if (isTier(lowered)) return lowered;
  diagnoseSetting("tier", tier, Object.values(Tier).join(", "), `"${Tier.Sidecar}" is used.`);
  return Tier.Sidecar;
}
