import type { Configuration } from "../../config/Configuration.js";
import { isThisMachine } from "../../config/endpoints.js";
import { readConfiguration } from "../../config/readConfiguration.js";
import type { Environment } from "../../config/SettingReader.js";
import { stateRoot } from "../../delivery/disk/spoolPaths.js";
import type { Tier } from "../../resource/Tier.js";
import { checkLogLevel, collectProblems } from "../../shared/diagnostics.js";
import type { Pipe } from "../../shared/Stats.js";
import type { Findings, Setting } from "./report.js";

/** The settings as `register` would read them. */
export interface DoctorSettings {
  readonly configuration: Configuration;
  /** What could not be used, a sentence each. */
  readonly problems: readonly string[];
}

/** The variables that the official provider reads itself. */
const OFFICIAL: Readonly<Record<string, readonly [variable: string, fallback?: string]>> = {
  sampler: ["OTEL_TRACES_SAMPLER", "parentbased_always_on"],
  "sampler.argument": ["OTEL_TRACES_SAMPLER_ARG"],
};
const OLDER_NAMES = { OTLPEnabled: "Emit", OTLPEndpoint: "Pipe" } as const;
const SWITCHED = ["capture", "posthog.enabled", "otlp.enabled"];
const FILES = ["otlp.certificate", "otlp.clientCertificate", "otlp.clientKey"];
const SWITCHES = { otlp: "Emit", posthog: "Report" } as const;
/** OTLP's own port for gRPC. */
const GRPC_PORT = "4317";

/** Reads the configuration as `register` would. */
export function readSettings(tier: Tier, environment: Environment): DoctorSettings {
  const { result, problems } = collectProblems(() => {
    checkLogLevel(environment);
    return readConfiguration({ tier }, environment);
  });
  return { configuration: result, problems };
}

/** Every setting with its value and where it came from. */
export function listSettings(
  { configuration }: DoctorSettings,
  environment: Environment,
): readonly Setting[] {
  const { posthog, otlp, sources } = configuration;
  const values: Record<string, unknown> = {};
  const origins: Record<string, string> = { ...sources };
  for (const name of Object.keys(sources)) values[name] = memberAt(configuration, name);
  for (const [name, [variable, fallback]] of Object.entries(OFFICIAL)) {
    const text = environment[variable]?.trim() ?? "";
    values[name] = text === "" ? fallback : text;
    if (text !== "") origins[name] = variable;
  }
  // Switches and files are shown as they were given.
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
  return value === undefined ? "unset" : typeof value === "string" ? value : JSON.stringify(value);
}

/** What cannot be used, why pipes are off, and settings that work but look wrong. */
export function examineSettings(
  { configuration, problems }: DoctorSettings,
  environment: Environment,
  findings: Findings,
): void {
  const { posthog, otlp, gates, sources } = configuration;
  for (const problem of problems) findings.problem("setting-unusable", problem);
  for (const pipe of ["otlp", "posthog"] as const) {
    if (gates[pipe].on) continue;
    const [cause, advice] = whyOff(pipe, configuration);
    findings.off(`${pipe}-off-${cause}`, `${gates[pipe].reason}.`, advice);
  }
  if (posthog.key.startsWith("phx_"))
    findings.problem(
      "posthog-personal-key",
      `${sources["posthog.key"] ?? "The key"} holds a personal API key (phx_…), which may read and change the project.`,
      "Revoke it if it was handed out, and use the project's key, phc_…",
    );
  for (const [name, newer] of Object.entries(OLDER_NAMES)) {
    if ((environment[name] ?? "") === "") continue;
    const loses = (environment[newer] ?? "") === "" ? "" : ", which is set too and wins";
    findings.note("old-name", `${name} is the older name of ${newer}${loses}.`, `Use ${newer}.`);
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
  if (environment["NODE_ENV"] === "production")
    findings.note(
      "production",
      "NODE_ENV is production: a bundle that was built so holds no telemetry, whatever is set at run time.",
      "Look at how the application was built.",
    );
}

/** What turned a pipe off, as a code, and what to do about it. */
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
  const own = SWITCHES[pipe];
  if (by === "Capture") return ["capture-unset", `Set Capture=true and ${own}=true.`];
  if (by === own) return ["unset", `Set ${own}=true.`];
  const keyFrom = sources["posthog.key"];
  if (pipe === "posthog" && keyFrom === "default")
    return ["no-key", "Set Authorize to the project's key, phc_…"];
  if (pipe === "otlp" || by !== keyFrom)
    return [
      "destination-unusable",
      `Correct ${by}, or take it away; until then nothing is sent, so that nothing goes to another place.`,
    ];
  return [
    "key-unusable",
    `Set ${by} to the project's key, phc_… without blanks; an empty one turns the pipe off, whatever other variables hold.`,
  ];
}

/** A secret that can be recognised by those who know it, and used by nobody. */
export function mask(secret: string): string {
  return secret.length < 16 ? "…" : `${secret.slice(0, 4)}…${secret.slice(-3)}`;
}

/** A URL without its password and the values of its query. */
export function maskUrl(text: string): string {
  if (!URL.canParse(text)) return text === "" ? "none" : text;
  const url = new URL(text);
  if (url.username === "" && url.password === "" && url.search === "") return text;
  if (url.username !== "") url.username = "…";
  if (url.password !== "") url.password = "…";
  for (const name of new Set(url.searchParams.keys())) url.searchParams.set(name, "…");
  return decodeURIComponent(url.href);
}
