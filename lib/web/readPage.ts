import type { Gate } from "../config/Configuration.js";
import { readGates } from "../config/readGates.js";
import { SettingReader } from "../config/SettingReader.js";
import type { TelemetryOptions } from "../config/TelemetryOptions.js";
import type { Tier } from "../resource/Tier.js";
import { isTier } from "../resource/Tier.js";
import { isObject } from "../shared/isObject.js";
import { readMember } from "../shared/readMember.js";
import type { Pipe } from "../shared/Stats.js";
import type { Variables } from "./mergeVariables.js";
import { mergeVariables } from "./mergeVariables.js";

/** The global in which the page's shell puts the variables that a process would find in its environment. */
const INJECTED = "__LAND_TELEMETRY__";

/** What decides whether a pipe is on. */
export interface Switches {
  readonly switches: object;
  readonly environment: Variables;
}

/** What `register` was given in a page or a worker. */
export interface PageSettings extends Switches {
  readonly options: object;
  readonly tier: Tier;
}

/** Reads what decides whether a page or a worker sends, and as which tier. */
export function readPage(given: unknown, fallback: Tier): PageSettings {
  const options = isObject(given) ? given : { tier: given };
  const environment = mergeVariables(
    readMember(globalThis, INJECTED),
    readMember(options, "environment"),
  );
  const named = [readMember(options, "tier"), environment["LAND_TELEMETRY_TIER"]].find(isTier);
  return { options, switches: switchesOf(options), environment, tier: named ?? fallback };
}

/** Whether each pipe is on. */
export function gatesOf({ switches, environment }: Switches): Readonly<Record<Pipe, Gate>> {
  return readGates(new SettingReader(switches as TelemetryOptions, environment)).gates;
}

/** The options that decide whether and where a pipe sends. One that cannot be read turns the pipe off. */
function switchesOf(options: object): object {
  const group = (name: string, ...members: readonly string[]): object => {
    const value = readMember(options, name);
    const isKnown = value === undefined || value === null || isObject(value);
    if (!isKnown) return { enabled: false };
    return Object.fromEntries(members.map((member) => [member, readMember(value, member)]));
  };
  return {
    capture: readMember(options, "capture"),
    posthog: group("posthog", "enabled", "key", "host"),
    otlp: group("otlp", "enabled", "endpoint"),
  };
}
