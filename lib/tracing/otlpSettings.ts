import type { Configuration } from "../config/Configuration.js";
import { agentFactory } from "../delivery/agentFactory.js";
import type { HttpTransportSettings } from "../delivery/HttpTransport.js";
import { USER_AGENT } from "../resource/packageVersion.js";

/** Bodies above this many bytes are compressed; for smaller ones the saving is less than the cost. */
const GZIP_ABOVE_BYTES = 4_096;

/** The settings for requests to the collector. */
export function readOtlpSettings({ otlp }: Pick<Configuration, "otlp">): HttpTransportSettings {
  return {
    url: otlp.url,
    headers: () => otlp.headers,
    timeoutMillis: otlp.timeoutMs,
    compression: otlp.compression,
    gzipAboveBytes: GZIP_ABOVE_BYTES,
    agentFactory: agentFactory(otlp.certificates),
    userAgent: USER_AGENT,
  };
}
