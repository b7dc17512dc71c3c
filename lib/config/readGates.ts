import type { Pipe } from "../shared/Stats.js";
import type { Configuration, Gate } from "./Configuration.js";
import { parseBoolean, parseProjectKey } from "./parsers.js";
import type { SettingReader } from "./SettingReader.js";

/**
 * Whether each pipe is on: the master switch, the pipe's own switch, and for PostHog a key. Unset means off;
 * an explicit off wins over any on, whoever says it.
 */
export function readGates(settings: SettingReader): {
  readonly gates: Configuration["gates"];
  readonly key: string;
} {
  const master = readSwitch(settings, "capture", ["Capture"], ["OTEL_SDK_DISABLED", "true"]);
  const { key, unusable } = readKey(settings);
  const gate = (pipe: Pipe, own: Switch, without = ""): Gate => {
    const off = master.off || own.off;
    const why = off || master.unset || own.unset || without;
    return Object.freeze({
      on: why === "",
      optedOut: off !== "",
      reason: why === "" ? `${pipe} is on` : `${pipe} is off: ${why}`,
    });
  };
  const report = readSwitch(settings, "posthog.enabled", ["Report"]);
  const emit = readSwitch(
    settings,
    "otlp.enabled",
    ["Emit", "OTLPEnabled"],
    ["OTEL_TRACES_EXPORTER", "none"],
  );
  const gates = { posthog: gate("posthog", report, unusable), otlp: gate("otlp", emit) };
  return { key, gates: Object.freeze(gates) };
}

/** Why a switch is not on; both are empty when it is. */
interface Switch {
  /** What turned it off. */
  readonly off: string;
  /** The variable that would turn it on. */
  readonly unset: string;
}

/**
 * The switch of an option and variables together. Of a standard variable one word is an off, and by the
 * specification any other means nothing.
 */
function readSwitch(
  settings: SettingReader,
  setting: string,
  variables: readonly string[],
  [standard, offWord]: readonly string[] = [],
): Switch {
  const said = settings
    .candidates(setting, ...variables)
    .map(([name, value]) => [name, value === "" ? undefined : parseBoolean(name, value)] as const);
  if (standard !== undefined && settings.variable(standard)?.trim().toLowerCase() === offWord)
    said.push([standard, false]);
  const off = said.find(([, on]) => on === false)?.[0];
  const by = off ?? said.find(([, on]) => on === true)?.[0];
  settings.sources[setting] = by ?? "default";
  return {
    off: off === undefined ? "" : `${off} says so`,
    unset: by === undefined ? `${variables[0]} is not set` : "",
  };
}

/**
 * The project key of the first place that sets it. A key that is set but empty turns the pipe off and does not fall
 * through to the next: that is how a release overlay takes the key away.
 */
function readKey(settings: SettingReader): { readonly key: string; readonly unusable: string } {
  const [first] = settings.candidates("posthog.key", "Authorize", "POSTHOG_API_KEY");
  settings.sources["posthog.key"] = first?.[0] ?? "default";
  if (first === undefined) return { key: "", unusable: "Authorize is not set" };
  const key = parseProjectKey(...first) ?? "";
  return { key, unusable: key === "" ? `${first[0]} holds no usable key` : "" };
}
