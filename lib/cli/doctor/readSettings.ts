import { DiagLogLevel, diag } from "@opentelemetry/api";
import type { Configuration } from "../../config/Configuration.js";
import { readConfiguration } from "../../config/readConfiguration.js";
import { stateRoot } from "../../delivery/disk/spoolOf.js";
import { defaultDistinctId } from "../../resource/identity.js";
import type { Tier } from "../../resource/Tier.js";
import type { Finding } from "./Finding.js";
import { mask, maskUrl } from "./mask.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** One setting as it is in force. */
export interface Setting {
  readonly name: string;
  /** As text; keys are masked. */
  readonly value: string;
  /** The variable that it came from, or `default`. */
  readonly source: string;
}

const PREFIX = /^land-telemetry: /;

/** Reads the configuration as `register` would, and keeps what it complains of. */
export function readSettings(
  tier: Tier,
  environment: Environment,
): { readonly configuration: Configuration; readonly complaints: readonly Finding[] } {
  const complaints: Finding[] = [];
  const complain = (text: string): void => {
    complaints.push({
      code: "setting-unusable",
      level: "problem",
      about: "settings",
      sentence: text.replace(PREFIX, ""),
    });
  };
  const quiet = (): void => undefined;
  diag.setLogger(
    { error: complain, warn: complain, info: quiet, debug: quiet, verbose: quiet },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  try {
    return { configuration: readConfiguration({ tier }, environment), complaints };
  } finally {
    diag.disable();
  }
}

/** Every setting with its value and where it came from. */
export function listSettings(
  configuration: Configuration,
  environment: Environment,
): readonly Setting[] {
  const settings = Object.entries(configuration.sources).map(([name, source]) => ({
    name,
    value: valueOf(name, source, configuration, environment),
    source,
  }));
  const headers = Object.entries(configuration.otlp.headers).map(([name, value]) => ({
    name: `otlp.headers.${name}`,
    value: mask(value),
    source: headerSource(environment),
  }));
  return [...settings, ...headers].sort((left, right) => (left.name < right.name ? -1 : 1));
}

function valueOf(
  name: string,
  source: string,
  configuration: Configuration,
  environment: Environment,
): string {
  switch (name) {
    case "capture":
    case "posthog.enabled":
    case "otlp.enabled":
      return source === "default" ? "unset" : (environment[source] ?? "");
    case "posthog.key":
      return configuration.posthog.key === "" ? "none" : mask(configuration.posthog.key);
    case "posthog.distinctId":
      return source === "default"
        ? defaultDistinctId(environment)
        : configuration.posthog.distinctId;
    case "otlp.endpoint":
      return maskUrl(configuration.otlp.url);
    case "spool.directory":
      return stateRoot(configuration) ?? "none";
    case "otlp.compression":
      return configuration.otlp.gzip ? "gzip" : "none";
    case "posthog.host":
      return maskUrl(configuration.posthog.host);
    default:
      return display(
        name
          .split(".")
          .reduce<unknown>(
            (value, key) => (value as Record<string, unknown> | undefined)?.[key],
            configuration,
          ),
      );
  }
}

function display(value: unknown): string {
  return value === undefined ? "unset" : typeof value === "string" ? value : JSON.stringify(value);
}

function headerSource(environment: Environment): string {
  return (
    ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"].find(
      (name) => (environment[name] ?? "") !== "",
    ) ?? "default"
  );
}
