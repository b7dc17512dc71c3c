import type { Pipe } from "../shared/Stats.js";
import type { Configuration, Gate } from "./Configuration.js";
import { parseBoolean, parseProjectKey } from "./parsers.js";
import type { SettingReader } from "./SettingReader.js";

/**
 * Whether each pipe is on: the master switch, the pipe's own switch, and for PostHog a key. Unset means off;
 * an explicit off wins over any on, wherever it is set.
 */
export function readGates(settings: SettingReader): {
  readonly gates: Configuration["gates"];
  readonly key: string;
} {
  const master = readSwitch(settings, "capture", ["Capture"], ["OTEL_SDK_DISABLED", "true"]);
  const { key, lack } = readKey(settings);
  const gate = (pipe: Pipe, own: Switch, missing?: Cause): Gate => {
    const off = master.off ?? own.off;
    const { by, says } = off ?? master.unset ?? own.unset ?? missing ?? { by: "", says: "" };
    const on = by === "";
    const reason = on ? `${pipe} is on` : `${pipe} is off: ${by} ${says}`;
    return Object.freeze({ on, optedOut: off !== undefined, reason, by });
  };
  const report = readSwitch(settings, "posthog.enabled", ["Report"]);
  const emit = readSwitch(
    settings,
    "otlp.enabled",
    ["Emit", "OTLPEnabled"],
    ["OTEL_TRACES_EXPORTER", "none"],
  );
  const gates = { posthog: gate("posthog", report, lack), otlp: gate("otlp", emit) };
  return { key, gates: Object.freeze(gates) };
}

/** Why a pipe is not on: the option or variable, and what is the matter with it. */
interface Cause {
  readonly by: string;
  readonly says: string;
}

/** Both are undefined when it is on. */
interface Switch {
  readonly off: Cause | undefined;
  readonly unset: Cause | undefined;
}

/**
 * The combined switch of an option and its variables. A standard variable has one value that means off; by the
 * specification, any other value means nothing.
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
    off: off === undefined ? undefined : { by: off, says: "says so" },
    unset: by === undefined ? { by: variables[0] ?? "", says: "is not set" } : undefined,
  };
}

/**
 * The project key of the first place that sets it. A key that is set but empty turns the pipe off and does not fall
 * through to the next: that is how a release overlay takes the key away.
 */
function readKey(settings: SettingReader): { readonly key: string; readonly lack?: Cause } {
  const [first] = settings.candidates("posthog.key", "Authorize", "POSTHOG_API_KEY");
  settings.sources["posthog.key"] = first?.[0] ?? "default";
  if (first === undefined) return { key: "", lack: { by: "Authorize", says: "is not set" } };
  const key = parseProjectKey(...first) ?? "";
  return key === "" ? { key, lack: { by: first[0], says: "holds no usable key" } } : { key };
}
