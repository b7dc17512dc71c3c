import type { Attributes } from "@opentelemetry/api";
import type { Configuration } from "../config/Configuration.js";
import type { OtlpProtocol } from "../config/TelemetryOptions.js";
import { DeliveryQueue } from "../delivery/DeliveryQueue.js";
import type { DeliveryStats } from "../delivery/DeliveryStats.js";
import { diskQueueOptions } from "../delivery/disk/spoolPaths.js";
import type { PayloadRecorder } from "../delivery/PayloadRecorder.js";
import type { Redactor } from "../redaction/Redactor.js";
import { wellFormed } from "../redaction/tables/characters.js";
import { ATTR_DISTINCT_ID_JOIN, ATTR_SESSION_JOIN } from "../resource/semanticConventions.js";
import { MAX_BATCHES_PER_REQUEST, otlpFormat } from "./otlpFormat.js";
import { readOtlpSettings } from "./otlpSettings.js";
import { SpanSerializer } from "./SpanSerializer.js";
import { SpoolingSpanProcessor } from "./SpoolingSpanProcessor.js";

/** The parts from which the OTLP pipe is built. */
export interface OtlpPipeParts {
  readonly configuration: Configuration;
  readonly redactor: Redactor;
  readonly stats: DeliveryStats;
  readonly recorder: PayloadRecorder | undefined;
  readonly sessionId: string;
  /** The protocol in which spans are written. Default: the configured one. */
  readonly protocol?: OtlpProtocol;
}

/** Builds the OTLP pipe, its queue and its serializer, and returns its span processor. */
export function createOtlpPipe(parts: OtlpPipeParts): SpoolingSpanProcessor {
  const { configuration, redactor, stats, recorder, sessionId } = parts;
  const { posthog, gates, otlp } = configuration;
  const settings = readOtlpSettings(configuration);
  const queue = new DeliveryQueue({
    pipe: "otlp",
    stats,
    settings,
    format: otlpFormat,
    maxRecordsPerRequest: MAX_BATCHES_PER_REQUEST,
    disk: diskQueueOptions(configuration, "otlp", settings.url),
    onRequest: (body) => recorder?.record("otlp", body),
    redact: (text) => redactor.text(text),
  });
  const joins: Attributes = {
    [ATTR_SESSION_JOIN]: sessionId,
    // The default distinct id holds the user's name, which no collector gets while the PostHog pipe is off.
    ...(gates.posthog.on ? { [ATTR_DISTINCT_ID_JOIN]: wellFormed(posthog.distinctId) } : {}),
  };
  const serializer = new SpanSerializer(parts.protocol ?? otlp.protocol, redactor, queue, joins);
  return new SpoolingSpanProcessor({ queue, serializer, settings, batch: otlp });
}
