import type { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import { convertLegacyHttpOptions } from "@opentelemetry/otlp-exporter-base/node-http";
import { getStringFromEnv } from "@opentelemetry/core";
import type { Configuration } from "../config/Configuration.js";

/** What the official reader makes of the options, of Land's variables and of OTEL_EXPORTER_OTLP_*. */
export type OtlpSettings = ReturnType<typeof convertLegacyHttpOptions>;

const DEFAULT_URL = "http://127.0.0.1:4318/v1/traces";
const THIS_MACHINE = /^https?:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?:[:/]|$)/i;

/** Reads the settings of the OTLP pipe's requests, as the official exporter would. */
export function readOtlpSettings({ otlp }: Pick<Configuration, "otlp">): OtlpSettings {
  const { url = isSet("ENDPOINT") ? undefined : DEFAULT_URL, headers, timeoutMs } = otlp;
  const settings = convertLegacyHttpOptions(
    {
      headers,
      ...(url === undefined ? {} : { url }),
      ...(timeoutMs === undefined ? {} : { timeoutMillis: timeoutMs }),
    },
    "TRACES",
    "v1/traces",
    {},
  );
  if (isSet("COMPRESSION")) return settings;
  // On its way to this machine itself, fewer bytes save nothing.
  const compression = THIS_MACHINE.test(settings.url) ? "none" : "gzip";
  return { ...settings, compression: compression as CompressionAlgorithm };
}

function isSet(name: string): boolean {
  return ["OTEL_EXPORTER_OTLP_TRACES_", "OTEL_EXPORTER_OTLP_"].some(
    (prefix) => getStringFromEnv(prefix + name) !== undefined,
  );
}
