import type { Configuration } from "../../config/Configuration.js";
import { isThisMachine } from "../../config/endpoints.js";
import { LAND_PREFIX, LAND_WORDS, prefixedName } from "../../config/landVariables.js";
import { nearestWord } from "../../config/nearestName.js";
import { readConfiguration } from "../../config/readConfiguration.js";
import type { Environment } from "../../config/SettingReader.js";
import type { TelemetryOptions } from "../../config/TelemetryOptions.js";
import { stateRoot } from "../../delivery/disk/spoolPaths.js";
import { Tier } from "../../resource/Tier.js";
import { checkLogLevel, collectProblems } from "../../shared/diagnostics.js";
import type { Pipe } from "../../shared/Stats.js";
import { releaseBy } from "../releaseBy.js";
import type { Findings, Setting } from "./report.js";

/** The settings, as `register` would read them. */
export interface DoctorSettings {
  readonly configuration: Configuration;
  /** What could not be used, one sentence each. */
  readonly problems: readonly string[];
  /** Where the tier came from; `default` means that it is a guess, since only the program knows its own. */
  readonly tierFrom: string;
}

/** Variables that the official provider reads itself. */
const OFFICIAL: Readonly<Record<string, readonly [variable: string, fallback?: string]>> = {
  sampler: ["OTEL_TRACES_SAMPLER", "parentbased_always_on"],
  "sampler.argument": ["OTEL_TRACES_SAMPLER_ARG"],
};
const OLDER_NAMES = { OTLPEnabled: "Emit", OTLPEndpoint: "Pipe" } as const;
const URL_START = /^https?:/i;
const SWITCH_WORD = /^(?:true|1|on|yes|false|0|off|no)$/i;
/** `BATCH` or `PIPE` in capitals may well be another program's, unless its value looks like one of ours. */
const OUR_VALUES: Readonly<Record<string, RegExp>> = {
  Authorize: /^ph[cx]_/,
  Beam: URL_START,
  Capture: SWITCH_WORD,
  Emit: SWITCH_WORD,
  Pipe: URL_START,
  Report: SWITCH_WORD,
};
/** The prefix of a pipe's standard variables, and the switch that turns the pipe on. */
const STANDARD = { otlp: ["OTEL_", "Emit"], posthog: ["POSTHOG_", "Report"] } as const;
const PERSONAL_KEY = '="phx_';
const SWITCHED = ["capture", "posthog.enabled", "otlp.enabled"];
const FILES = ["otlp.certificate", "otlp.clientCertificate", "otlp.clientKey"];
const SWITCHES = { otlp: "Emit", posthog: "Report" } as const;
const LIST = new Intl.ListFormat("en-GB");
/** OTLP's own port for gRPC. */
const GRPC_PORT = "4317";

/** Reads the configuration as `register` would; if no tier is given, as `land-telemetry/register` would. */
export function readSettings(tier: Tier | undefined, environment: Environment): DoctorSettings {
  const isNamed = tier === undefined && isSet(environment, `${LAND_PREFIX}TIER`);
  const options = isNamed ? {} : { tier: tier ?? Tier.Sidecar };
  const { result, problems } = collectProblems(() => {
    checkLogLevel(environment);
    return readConfiguration(options as TelemetryOptions, environment);
  });
  const { sources } = result;
  const tierFrom = isNamed ? (sources["tier"] ?? "") : tier === undefined ? "default" : "--tier";
  return { configuration: result, problems, tierFrom };
}

/** Whether a program in this environment would send anything. */
export function isAnythingSent({ gates }: Configuration, environment: Environment): boolean {
  return releaseBy(environment) === undefined && (gates.otlp.on || gates.posthog.on);
}

function isSet(environment: Environment, name: string): boolean {
  return (environment[name] ?? "").trim() !== "";
}

/** Every setting with its value and where it came from. */
export function listSettings(
  { configuration, tierFrom }: DoctorSettings,
  environment: Environment,
): readonly Setting[] {
  const { posthog, otlp, sources } = configuration;
  const values: Record<string, unknown> = {};
  const origins: Record<string, string> = { ...sources, tier: tierFrom };
  for (const name of Object.keys(sources)) values[name] = memberAt(configuration, name);
  for (const [name, [variable, fallback]] of Object.entries(OFFICIAL)) {
    const text = environment[variable]?.trim() ?? "";
    values[name] = text === "" ? fallback : text;
    if (text !== "") origins[name] = variable;
  }
  // Switches and files are shown as given.
  for (const name of [...SWITCHED, ...FILES]) values[name] = environment[sources[name] ?? ""];
  delete values["otlp.headers"];
  for (const [name, value] of Object.entries(otlp.headers)) {
    values[`otlp.headers.${name}`] = mask(value);
    origins[`otlp.headers.${name}`] = sources["otlp.headers"] ?? "default";
  }
  Object.assign(values, {
    "posthog.key": posthog.key === "" ? "none" : mask(posthog.key),
    "posthog.host": maskUrl(posthog.host),
    "otlp.endpoint": maskUrl(otlp.url),
    "spool.directory": stateRoot(configuration) ?? "none",
  });
  return Object.keys(values)
    .sort()
    .map((name) => ({ name, value: display(values[name]), source: origins[name] ?? "default" }));
}

function memberAt(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

function display(value: unknown): string {
  if (value === undefined) return "unset";
  // JSON has no Infinity, which is the value of a limit that is off.
  return typeof value === "string" || typeof value === "number"
    ? `${value}`
    : JSON.stringify(value);
}

/** Reports unusable settings, why pipes are off, and settings that work but look wrong. */
export function examineSettings(
  { configuration, problems }: DoctorSettings,
  environment: Environment,
  findings: Findings,
): void {
  const { posthog, otlp, gates } = configuration;
  const release = releaseBy(environment);
  if (release !== undefined)
    findings.off(
      "production",
      `Nothing is sent: ${release}, which makes this a release, and no other setting can turn it on.`,
      "Start the program without it to send, or to have the endpoints tried here.",
    );
  else if (!isAnythingSent(configuration, environment))
    findings.off(
      "nothing-sent",
      "Nothing is sent: both pipes are off.",
      "The next lines say why, and what to set.",
    );
  for (const problem of problems)
    if (problem.includes(PERSONAL_KEY))
      findings.problem(
        "posthog-personal-key",
        problem,
        "A personal API key may read and change projects: use the project's key, phc_…, and revoke this one if it was handed out. Nothing was sent with it.",
      );
    else findings.problem("setting-unusable", problem);
  examineNames(configuration, environment, findings);
  for (const pipe of ["otlp", "posthog"] as const) {
    if (gates[pipe].on) continue;
    const [cause, toChange] = whyOff(pipe, configuration);
    const advice = [toChange, toSet(pipe, configuration)].filter((text) => text !== "").join(" ");
    findings.off(`${pipe}-off-${cause}`, `${gates[pipe].reason}.`, advice);
  }
  for (const [pipe, url] of [
    ["otlp", otlp.url],
    ["posthog", posthog.host],
  ] as const)
    if (gates[pipe].on && url.toLowerCase().startsWith("http:") && !isThisMachine(url))
      findings.note(
        `${pipe}-unencrypted`,
        `${pipe} goes to another machine without encryption.`,
        "Use https, unless the network between is your own.",
      );
  if (gates.otlp.on && new URL(otlp.url).port === GRPC_PORT)
    findings.note(
      "otlp-grpc-port",
      `The OTLP pipe goes to port ${GRPC_PORT}, where collectors speak gRPC; over HTTP they listen on 4318.`,
      "Set Pipe to port 4318, unless yours speaks HTTP on this one.",
    );
}

/** Reports variables that do less than expected: mistyped, older, ignored, or not sufficient on their own. */
function examineNames(
  configuration: Configuration,
  environment: Environment,
  findings: Findings,
): void {
  const { gates } = configuration;
  for (const word of LAND_WORDS) {
    const prefixed = prefixedName(word) ?? word;
    if (isSet(environment, word) && isSet(environment, prefixed))
      findings.note("short-name", `${word} is set but ignored, because ${prefixed} is set too.`);
  }
  for (const [name, newer] of Object.entries(OLDER_NAMES)) {
    if (!isSet(environment, name)) continue;
    const loses = isSet(environment, prefixedName(newer) ?? newer)
      ? `; ${prefixedName(newer)} is set too and wins`
      : isSet(environment, newer)
        ? ", which is set too and wins"
        : "";
    findings.note("old-name", `${name} is the older name of ${newer}${loses}.`, `Use ${newer}.`);
  }
  for (const [name, meant] of mistypedWords(environment)) {
    const isCase = name.toLowerCase() === meant.toLowerCase();
    const isOurs = OUR_VALUES[meant]?.test(environment[name]?.trim() ?? "") === true;
    findings[isCase && !isOurs ? "note" : "problem"](
      "name-mistyped",
      `${name} is set, but nothing reads it. Did you mean ${meant}, which is not set?`,
      `Set ${meant}, or ${prefixedName(meant) ?? meant}, if that was meant.`,
    );
  }
  for (const [pipe, [start, own]] of Object.entries(STANDARD)) {
    if (!["Capture", own].includes(gates[pipe as Pipe].by)) continue;
    const [name, ...others] = Object.keys(environment).filter(
      (each) => each.startsWith(start) && each !== "OTEL_LOG_LEVEL" && isSet(environment, each),
    );
    if (name === undefined) continue;
    const are = others.length === 0 ? "is" : `and ${others.length} more like it are`;
    findings.note(
      "standard-alone",
      `${name} ${are} set, but that alone turns nothing on: ${pipe} needs Capture and ${own}.`,
      toSet(pipe as Pipe, configuration),
    );
  }
}

/** Variables that nothing reads, each with the unset Land variable that its name resembles. */
function mistypedWords(environment: Environment): readonly (readonly [string, string])[] {
  const known: readonly string[] = [...LAND_WORDS, ...Object.keys(OLDER_NAMES)];
  const missing = LAND_WORDS.filter(
    (word) => !isSet(environment, word) && !isSet(environment, prefixedName(word) ?? word),
  );
  return Object.keys(environment).flatMap((name) => {
    if (known.includes(name) || !isSet(environment, name)) return [];
    const meant = nearestWord(name, missing);
    return meant === undefined ? [] : [[name, meant] as const];
  });
}

/** Lists everything that a pipe needs and that is not set, so that one run of the doctor is enough; "" for nothing. */
function toSet(pipe: Pipe, { gates, sources }: Configuration): string {
  const { optedOut, by } = gates[pipe];
  const [main, own] = ["capture", `${pipe}.enabled`] as const;
  // The gate gives the name of the first missing variable, which may be the prefixed one.
  const isMissing = (setting: string): boolean => !optedOut && sources[setting] === "default";
  const needs: Readonly<Record<string, string>> = {
    [main]: `${isMissing(main) ? by : "Capture"}=true`,
    [own]: `${isMissing(own) && !isMissing(main) ? by : SWITCHES[pipe]}=true`,
    ...(pipe === "posthog" && { "posthog.key": "Authorize to the project's key (phc_…)" }),
  };
  const missing = Object.keys(needs).filter((setting) => sources[setting] === "default");
  return missing.length === 0
    ? ""
    : `Set ${LIST.format(missing.map((name) => needs[name] ?? ""))}.`;
}

/** What turned a pipe off, as a code, and what to do apart from setting what is missing. */
function whyOff(
  pipe: Pipe,
  { gates, sources }: Configuration,
): readonly [cause: string, advice: string] {
  const { optedOut, by } = gates[pipe];
  if (by === "OTEL_SDK_DISABLED" || by === "DO_NOT_TRACK")
    return [`by-${by}`, `Unset ${by}; while it is set so, nothing else can turn telemetry on.`];
  if (by === "OTEL_TRACES_EXPORTER") return [`by-${by}`, `Unset ${by}, or set it to otlp.`];
  if (optedOut)
    return [
      `by-${by}`,
      `Unset ${by} or set it to true; an explicit off wins over every on, and deletes what was spooled.`,
    ];
  if (sources["capture"] === "default") return ["capture-unset", ""];
  if (sources[`${pipe}.enabled`] === "default") return ["unset", ""];
  const keyFrom = sources["posthog.key"];
  if (pipe === "posthog" && keyFrom === "default") return ["no-key", ""];
  if (by !== keyFrom)
    return [
      "destination-unusable",
      `Correct ${by}, or take it away; until then nothing is sent, so that nothing goes to another place.`,
    ];
  return [
    "key-unusable",
    `Set ${by} to the project's key, phc_… without blanks; an empty one turns the pipe off, whatever other variables hold.`,
  ];
}

/** Masks a secret, so that whoever knows it can recognise it but nobody can use it. */
export function mask(secret: string): string {
  return secret.length < 16 ? "…" : `${secret.slice(0, 4)}…${secret.slice(-3)}`;
}

/** Masks the user name, the password and the query values of a URL. */
export function maskUrl(text: string): string {
  if (!URL.canParse(text)) return text === "" ? "none" : text;
  const url = new URL(text);
  if (url.username === "" && url.password === "" && url.search === "") return text;
  if (url.username !== "") url.username = "…";
  if (url.password !== "") url.password = "…";
  for (const name of new Set(url.searchParams.keys())) url.searchParams.set(name, "…");
  return decodeURIComponent(url.href);
}
