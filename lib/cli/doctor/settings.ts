import { DiagLogLevel, diag } from "@opentelemetry/api";
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  InMemorySpanExporter,
} from "@opentelemetry/sdk-trace-base";
import type { Configuration } from "../../config/Configuration.js";
import { readConfiguration } from "../../config/readConfiguration.js";
import type { Environment } from "../../config/SettingReader.js";
import type { HttpTransportSettings } from "../../delivery/HttpTransport.js";
import { stateRoot } from "../../delivery/disk/spoolPaths.js";
import type { Tier } from "../../resource/Tier.js";
import type { Pipe } from "../../shared/Stats.js";
import { readOtlpSettings } from "../../tracing/otlpSettings.js";
import type { Findings, Setting } from "./report.js";

/** The settings as `register` would read them. */
export interface DoctorSettings {
  readonly configuration: Configuration;
  /** What the official exporter's reader makes of them and of its own variables. */
  readonly otlp: HttpTransportSettings;
  readonly headers: Readonly<Record<string, string>>;
  /** What could not be used, a sentence each. */
  readonly complaints: readonly string[];
}

/**
 * Variables that the official exporter, processor and provider read themselves, by the setting that they are; the
 * first that is set counts.
 */
const OFFICIAL: Readonly<Record<string, readonly string[]>> = {
  "otlp.endpoint": ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"],
  "otlp.headers": ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"],
  "otlp.timeoutMs": ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"],
  "otlp.compression": ["OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION"],
  "otlp.certificate": ["OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE"],
  "otlp.clientCertificate": [
    "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
  ],
  "otlp.clientKey": ["OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", "OTEL_EXPORTER_OTLP_CLIENT_KEY"],
  "otlp.maxQueueSize": ["OTEL_BSP_MAX_QUEUE_SIZE"],
  "otlp.maxExportBatchSize": ["OTEL_BSP_MAX_EXPORT_BATCH_SIZE"],
  "otlp.scheduledDelayMillis": ["OTEL_BSP_SCHEDULE_DELAY"],
  "otlp.exportTimeoutMillis": ["OTEL_BSP_EXPORT_TIMEOUT"],
  sampler: ["OTEL_TRACES_SAMPLER"],
  "sampler.argument": ["OTEL_TRACES_SAMPLER_ARG"],
};
/** Of the SDK specification. */
const OFFICIAL_DEFAULTS: Readonly<Record<string, unknown>> = {
  "otlp.maxQueueSize": 2_048,
  "otlp.maxExportBatchSize": 512,
  "otlp.scheduledDelayMillis": 5_000,
  "otlp.exportTimeoutMillis": 30_000,
  sampler: "parentbased_always_on",
};
const OLDER_NAMES = { OTLPEnabled: "Emit", OTLPEndpoint: "Pipe" } as const;
const SWITCHES = { otlp: "Emit", posthog: "Report" } as const;
/** OTLP's own port for gRPC. */
const GRPC_PORT = "4317";
const LOOPBACK = /^http:\/\/(?:localhost|127\.|\[::1\])/;
const COMPLAINT_PREFIX = /^(?:land-telemetry|Configuration): /;

/** Reads the configuration as `register` would, and keeps what it and the official classes complain of. */
export async function readSettings(tier: Tier, environment: Environment): Promise<DoctorSettings> {
  const sentences = new Set<string>();
  const complain = (text: string): void => void sentences.add(text.replace(COMPLAINT_PREFIX, ""));
  const quiet = (): void => undefined;
  diag.setLogger(
    { error: complain, warn: complain, info: quiet, debug: quiet, verbose: quiet },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  try {
    const configuration = readConfiguration({ tier }, environment);
    const otlp = readOtlpSettings(configuration);
    // Nothing is done with it: making it is what reads its variables.
    new BasicTracerProvider({
      spanProcessors: [new BatchSpanProcessor(new InMemorySpanExporter())],
    });
    const headers = await otlp.headers();
    return { configuration, otlp, headers, complaints: [...sentences] };
  } finally {
    diag.disable();
  }
}

/** Every setting with its value and where it came from. */
export function listSettings(
  { configuration, otlp, headers }: DoctorSettings,
  environment: Environment,
): readonly Setting[] {
  const { posthog, sources } = configuration;
  const values: Record<string, unknown> = { ...OFFICIAL_DEFAULTS };
  const origins: Record<string, string> = {};
  for (const [name, source] of Object.entries(sources)) {
    values[name] = memberAt(configuration, name);
    if (source !== "default") origins[name] = source;
  }
  for (const [name, variables] of Object.entries(OFFICIAL)) {
    const variable = variables.find((each) => (environment[each] ?? "").trim() !== "");
    if (variable === undefined) continue;
    values[name] = environment[variable];
    origins[name] ??= variable;
  }
  for (const name of ["capture", "posthog.enabled", "otlp.enabled"])
    values[name] = environment[sources[name] ?? ""];
  delete values["otlp.headers"];
  for (const [name, value] of Object.entries(headers)) {
    values[`otlp.headers.${name}`] = mask(value);
    origins[`otlp.headers.${name}`] = origins["otlp.headers"] ?? "default";
  }
  Object.assign(values, {
    "posthog.key": posthog.key === "" ? "none" : mask(posthog.key),
    "posthog.host": maskUrl(posthog.host),
    "otlp.endpoint": maskUrl(otlp.url),
    "otlp.timeoutMs": otlp.timeoutMillis,
    "otlp.compression": otlp.compression,
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
  { configuration, otlp, complaints }: DoctorSettings,
  environment: Environment,
  findings: Findings,
): void {
  const { posthog, gates, sources } = configuration;
  for (const complaint of complaints) findings.problem("setting-unusable", complaint);
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
    if (gates[pipe].on && url.startsWith("http://") && !LOOPBACK.test(url))
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
  if (environment["POSTHOG_CAPTURE_MODE"]?.trim() === "v1")
    findings.note(
      "posthog-capture-mode",
      "POSTHOG_CAPTURE_MODE=v1 is set; it is not followed here, since that mode loses events while offline.",
      "Unset it.",
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
  if (by === "OTEL_SDK_DISABLED")
    return [`by-${by}`, `Unset ${by}; while it is true, nothing else can turn telemetry on.`];
  if (by === "OTEL_TRACES_EXPORTER") return [`by-${by}`, `Unset ${by}, or set it to otlp.`];
  if (optedOut)
    return [
      `by-${by}`,
      `Unset ${by} or set it to true; an explicit off wins over every on, and deletes what was spooled.`,
    ];
  const own = SWITCHES[pipe];
  if (by === "Capture") return ["capture-unset", `Set Capture=true and ${own}=true.`];
  if (by === own) return ["unset", `Set ${own}=true.`];
  if (sources["posthog.key"] === "default")
    return ["no-key", "Set Authorize to the project's key, phc_…"];
  return [
    "key-unusable",
    `Set ${by} to the project's key, phc_… without blanks; an empty one turns the pipe off, whatever other variables hold.`,
  ];
}

/** A secret that can be recognised by those who know it, and used by nobody. */
export function mask(secret: string): string {
  return `${secret.slice(0, 4)}…${secret.length < 16 ? "" : secret.slice(-3)}`;
}

/** A URL without its password and the values of its query. */
export function maskUrl(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  if (url.username === "" && url.password === "" && url.search === "") return text;
  if (url.username !== "") url.username = "…";
  if (url.password !== "") url.password = "…";
  for (const name of new Set(url.searchParams.keys())) url.searchParams.set(name, "…");
  return decodeURIComponent(url.href);
}
