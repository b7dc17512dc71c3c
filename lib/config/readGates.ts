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
/** The collector that a developer's machine runs. */
const COLLECTOR = "http://127.0.0.1:4318/v1/traces";
/** The one variable of an endpoint that holds the whole URL; to the others the path of traces is appended. */
const WHOLE_URL = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
/** Options begin with a small letter and variables with a capital, which alone tells `capture` from `Capture`. */
const OPTION = /^[a-z]/;

/** Whether each pipe is on, and where and as whom it sends. */
export interface Gates {
  readonly gates: Configuration["gates"];
  readonly key: string;
  /** "" when the one that was given is not understood. */
  readonly host: string;
  /** "" when the one that was given is not understood. */
  readonly url: string;
  readonly certificates: Certificates;
}

/**
 * Whether each pipe is on: the master switch, the pipe's own switch, for PostHog a key, and a destination that is
 * understood. Unset means off; an explicit off wins over any on, wherever it is set.
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

/** Variables that others define: the words that mean off, and those that mean nothing. */
const STANDARD = {
  OTEL_SDK_DISABLED: [["true"], ["false"]],
  OTEL_TRACES_EXPORTER: [["none"], ["otlp"]],
  // Whoever sets it to anything else has said it too.
  DO_NOT_TRACK: [undefined, ["0", "false", "off", "no"]],
} as const;

/** The combined switch of an option and its variables. */
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
  if (off !== undefined) return { off: { by: off, says: "says so" }, unset: undefined };
  if (by !== undefined) return { off: undefined, unset: undefined };
  const unset =
    unusable === undefined
      ? notSet(settings, variables[0] ?? "")
      : { by: unusable[0], says: "holds no usable value" };
  return { off: undefined, unset };
}

/** A word that is not set, with the variable that may have been meant for it. */
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
 * The project key of the first place that sets it. A key that is set but empty turns the pipe off and does not fall
 * through to the next: that is how a release overlay takes the key away.
 */
function readKey(settings: SettingReader): { readonly key: string; readonly lack?: Cause } {
  const [first] = settings.candidates("posthog.key", "Authorize", "POSTHOG_API_KEY");
  settings.sources["posthog.key"] = first?.[0] ?? "default";
  if (first === undefined) return { key: "", lack: notSet(settings, "Authorize") };
  const key = parseProjectKey(...first) ?? "";
  return key === "" ? { key, lack: { by: first[0], says: "holds no usable key" } } : { key };
}

/**
 * The URL of the first place that sets one. A URL that is set but not understood turns the pipe off and does not fall
 * through to the next, or what was meant for one place would go to another.
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
