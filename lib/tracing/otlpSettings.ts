import { convertLegacyHttpOptions } from "@opentelemetry/otlp-exporter-base/node-http";
import type { Configuration } from "../config/Configuration.js";
import { parseUrl } from "../config/parsers.js";
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
  const variable = findVariable("ENDPOINT");
  const url = otlp.url ?? (variable === undefined ? DEFAULT_URL : undefined);
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only public way to the official reader
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
  // The official reader also takes `collector:4318` for a URL.
  const usable = url ?? parseUrl(variable ?? "", settings.url) ?? DEFAULT_URL;
  // On its way to this machine itself, a compressed body saves nothing.
  const compression = THIS_MACHINE.test(usable) ? "none" : "gzip";
  return {
    ...settings,
    url: usable,
    compression: findVariable("COMPRESSION") === undefined ? compression : settings.compression,
    gzipAboveBytes: GZIP_ABOVE_BYTES,
  };
}

/** The variable of the exporter that is set, that of traces first. */
function findVariable(name: string): string | undefined {
  return [`OTEL_EXPORTER_OTLP_TRACES_${name}`, `OTEL_EXPORTER_OTLP_${name}`].find((variable) =>
    process.env[variable]?.trim(),
  );
}
