import { diagnoseSetting } from "../shared/diagnostics.js";
import type { Pipe } from "../shared/Stats.js";
import type { Configuration, Gate } from "./Configuration.js";
import { tracesEndpoint } from "./endpoints.js";
import { LAND_WORDS } from "./landVariables.js";
import { nearestWord } from "./nearestName.js";
import type { Misunderstood } from "./normaliseOptions.js";
import { parseBoolean, parseProjectKey, parseUrl } from "./parsers.js";
import type { Certificates } from "./readCertificates.js";
import { readCertificates } from "./readCertificates.js";
import type { SettingReader } from "./SettingReader.js";

const POSTHOG_HOST = "https://eu.i.posthog.com";
/** The default address of a collector on a developer's machine. */
const COLLECTOR = "http://127.0.0.1:4318/v1/traces";
/** The only endpoint variable that holds the whole URL; the traces path is appended to the others. */
const WHOLE_URL = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
/** Options begin with a lower-case letter and variables with a capital: only this tells `capture` from `Capture`. */
const OPTION = /^[a-z]/;

/** Whether each pipe is on, and where and as whom it sends. */
export interface Gates {
  readonly gates: Configuration["gates"];
  readonly key: string;
  /** "" if the given host is not a usable URL. */
  readonly host: string;
  /** "" if the given endpoint is not a usable URL. */
  readonly url: string;
  readonly certificates: Certificates;
}

/**
 * Decides which pipes are on. Each needs the master switch, its own switch and a usable destination; PostHog also
 * needs a key, and OTLP certificates must be usable. Unset means off; an explicit off wins over any on, wherever set.
 */
export function readGates(settings: SettingReader, misunderstood: Misunderstood = {}): Gates {
  const master = readSwitch(settings, "capture", ["Capture"], "OTEL_SDK_DISABLED", "DO_NOT_TRACK");
  const report = readSwitch(settings, "posthog.enabled", ["Report"]);
  const emit = readSwitch(
    settings,
    "otlp.enabled",
    ["Emit", "OTLPEnabled"],
    "OTEL_TRACES_EXPORTER",
  );
  const key = readKey(settings);
  const host = readDestination(settings, "posthog", "host", ["Beam", "POSTHOG_HOST"]);
  const collector = readDestination(settings, "otlp", "endpoint", [
    "Pipe",
    "OTLPEndpoint",
    WHOLE_URL,
    "OTEL_EXPORTER_OTLP_ENDPOINT",
  ]);
  const { certificates, unusable } = readCertificates(settings);
  const gate = (pipe: Pipe, own: Switch, ...lacks: readonly (Cause | undefined)[]): Gate => {
    const off = master.off ?? own.off;
    const name = misunderstood[pipe];
    const lack =
      name === undefined
        ? lacks.find((each) => each !== undefined)
        : { by: name, says: "is not understood" };
    const { by, says } = off ?? master.unset ?? own.unset ?? lack ?? { by: "", says: "" };
    const on = by === "";
    const cause = on ? "" : `${OPTION.test(by) ? "the option " : ""}${by} ${says}`;
    const reason = on ? `${pipe} is on` : `${pipe} is off: ${cause}`;
    return Object.freeze({ on, optedOut: off !== undefined, reason, cause, by });
  };
  const gates = Object.freeze({
    posthog: gate("posthog", report, key.lack, host.lack),
    otlp: gate(
      "otlp",
      emit,
      collector.lack,
      unusable === undefined ? undefined : { by: unusable, says: "holds nothing usable" },
    ),
  });
  const { by = "", url } = collector;
  return {
    gates,
    key: key.key,
    host: host.url ?? POSTHOG_HOST,
    url:
      url === undefined
        ? COLLECTOR
        : by === WHOLE_URL && url !== ""
          ? new URL(url).href
          : tracesEndpoint(url),
    certificates,
  };
}

/** Why a pipe is off: the option or variable, and what is wrong with it. */
interface Cause {
  readonly by: string;
  readonly says: string;
}

/** Both members are undefined when the switch is on. */
interface Switch {
  readonly off: Cause | undefined;
  readonly unset: Cause | undefined;
}

/** Variables defined by other projects: the values that mean off, and those that have no effect. */
const STANDARD = {
  OTEL_SDK_DISABLED: [["true"], ["false"]],
  OTEL_TRACES_EXPORTER: [["none"], ["otlp"]],
  // Any other value means off.
  DO_NOT_TRACK: [undefined, ["0", "false", "off", "no"]],
} as const;

/** Combines an option and its variables into one switch. */
function readSwitch(
  settings: SettingReader,
  setting: string,
  variables: readonly string[],
  ...standard: readonly (keyof typeof STANDARD)[]
): Switch {
  const given = settings.given(setting, ...variables);
  const said = given.map(([name, value]) => [name, parseBoolean(name, value)] as const);
  const [unusable] = given;
  for (const name of standard) if (isStandardOff(settings, name)) said.push([name, false]);
  const off = said.find(([, on]) => on === false)?.[0];
  const by = off ?? said.find(([, on]) => on === true)?.[0];
  settings.sources[setting] = by ?? "default";
  if (off !== undefined) return { off: { by: off, says: "turns it off" }, unset: undefined };
  if (by !== undefined) return { off: undefined, unset: undefined };
  const unset =
    unusable === undefined
      ? notSet(settings, variables[0] ?? "")
      : { by: unusable[0], says: "holds no usable value" };
  return { off: undefined, unset };
}

/** States that a Land word is not set, naming a variable that may be a misspelling of it. */
function notSet(settings: SettingReader, by: string): Cause {
  const known: readonly string[] = LAND_WORDS;
  const mistyped = settings
    .names()
    .find(
      (name) =>
        !known.includes(name) &&
        nearestWord(name, [by]) !== undefined &&
        settings.variable(name)?.trim(),
    );
  return {
    by,
    says:
      mistyped === undefined ? "is not set" : `is not set (${mistyped} is, but nothing reads it)`,
  };
}

function isStandardOff(settings: SettingReader, name: keyof typeof STANDARD): boolean {
  const word = settings.variable(name)?.trim().toLowerCase() ?? "";
  const [off, nothing]: readonly [readonly string[] | undefined, readonly string[]] =
    STANDARD[name];
  if (word === "" || nothing.includes(word)) return false;
  if (off === undefined || off.includes(word)) return true;
  const accepted = [...off, ...nothing].join(", ");
  diagnoseSetting(name, word, accepted, `${nothing[0] ?? ""} is used.`);
  return false;
}

/**
 * The project key from the first place that sets one. A key that is set but empty turns the pipe off instead of
 * falling through to the next place: a release overlay removes the key that way.
 */
function readKey(settings: SettingReader): { readonly key: string; readonly lack?: Cause } {
  const [first] = settings.candidates("posthog.key", "Authorize", "POSTHOG_API_KEY");
  settings.sources["posthog.key"] = first?.[0] ?? "default";
  if (first === undefined) return { key: "", lack: notSet(settings, "Authorize") };
  const key = parseProjectKey(...first) ?? "";
  return key === "" ? { key, lack: { by: first[0], says: "holds no usable key" } } : { key };
}

/**
 * The URL from the first place that sets one. A URL that is set but unusable turns the pipe off instead of falling
 * through to the next place, which would send telemetry somewhere it was not meant to go.
 */
function readDestination(
  settings: SettingReader,
  pipe: Pipe,
  option: string,
  variables: readonly string[],
): { readonly url?: string; readonly by?: string; readonly lack?: Cause } {
  const setting = `${pipe}.${option}`;
  const [first] = settings.given(setting, ...variables);
  settings.sources[setting] = first?.[0] ?? "default";
  if (first === undefined) return {};
  const [by, value] = first;
  const url = parseUrl(by, value, `The ${pipe} pipe is off.`);
  return url === undefined
    ? { url: "", by, lack: { by, says: "holds no usable http:// or https:// URL" } }
    : { url, by };
}
