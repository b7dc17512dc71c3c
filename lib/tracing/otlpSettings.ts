import { convertLegacyHttpOptions } from "@opentelemetry/otlp-exporter-base/node-http";
import type { Configuration } from "../config/Configuration.js";
import type { HttpTransportSettings } from "../delivery/HttpTransport.js";
import { PACKAGE_NAME, PACKAGE_VERSION } from "../resource/packageVersion.js";

/** The collector that a developer's machine runs. */
const DEFAULT_URL = "http://127.0.0.1:4318/v1/traces";
/** Bodies above this many bytes are compressed; below, the saving is less than the cost. */
const GZIP_ABOVE_BYTES = 4_096;
const THIS_MACHINE = /^https?:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?:[:/]|$)/i;

/**
 * The settings of requests to the collector. The official reader takes the endpoint, headers, timeout, compression and
 * certificates from `OTEL_EXPORTER_OTLP_*`; options and Land's own variables are explicit to it and win.
 */
export function readOtlpSettings({ otlp }: Pick<Configuration, "otlp">): HttpTransportSettings {
  const url = otlp.url ?? (isSet("ENDPOINT") ? undefined : DEFAULT_URL);
  const settings = convertLegacyHttpOptions(
    {
      headers: { ...otlp.headers },
      userAgent: `${PACKAGE_NAME}/${PACKAGE_VERSION}`,
      ...(url === undefined ? {} : { url }),
      ...(otlp.timeoutMs === undefined ? {} : { timeoutMillis: otlp.timeoutMs }),
    },
    "TRACES",
    "v1/traces",
    {},
  );
  // On its way to this machine itself, a compressed body saves nothing.
  const compression = THIS_MACHINE.test(settings.url) ? "none" : "gzip";
  return {
    ...settings,
    compression: isSet("COMPRESSION") ? settings.compression : compression,
    gzipAboveBytes: GZIP_ABOVE_BYTES,
  };
}

function isSet(name: string): boolean {
  const { env } = process;
  return Boolean(
    env[`OTEL_EXPORTER_OTLP_TRACES_${name}`]?.trim() || env[`OTEL_EXPORTER_OTLP_${name}`]?.trim(),
  );
}
