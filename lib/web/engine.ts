import type { Context, TextMapPropagator, Tracer } from "@opentelemetry/api";
import { ROOT_CONTEXT } from "@opentelemetry/api";
import type { SpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { Configuration } from "../config/Configuration.js";
import type { Variables } from "./mergeVariables.js";
import { readConfiguration } from "../config/readConfiguration.js";
import type { ErrorOrigin, TelemetryOptions } from "../config/TelemetryOptions.js";
import { DeliveryQueue } from "../delivery/DeliveryQueue.js";
import { DeliveryStats } from "../delivery/DeliveryStats.js";
import { diskQueueOptions } from "../delivery/disk/spoolPaths.js";
import { isCancellation } from "../failures/cancellation.js";
import { EventCapture } from "../posthog/EventCapture.js";
import { MirrorSpanProcessor } from "../posthog/MirrorSpanProcessor.js";
import { PostHogPipe } from "../posthog/PostHogPipe.js";
import { BaggageAttributesSpanProcessor } from "../propagation/BaggageAttributesSpanProcessor.js";
import { createRedactor } from "../redaction/createRedactor.js";
import type { Redactor } from "../redaction/Redactor.js";
import { wellFormed } from "../redaction/tables/characters.js";
import { ATTR_DISTINCT_ID_JOIN, ATTR_SESSION_JOIN } from "../resource/semanticConventions.js";
import { attempt } from "../shared/attempt.js";
import { collectProblems } from "../shared/diagnostics.js";
import { RunningTelemetry } from "../telemetry.js";
import { guardProcessors } from "../tracing/hostParts.js";
import { MAX_BATCHES_PER_REQUEST, otlpFormat } from "../tracing/otlpFormat.js";
import { readOtlpSettings } from "../tracing/otlpSettings.js";
import { SessionSpans } from "../tracing/SessionSpans.js";
import { SpanSerializer } from "../tracing/SpanSerializer.js";
import { SpoolingSpanProcessor } from "../tracing/SpoolingSpanProcessor.js";
import type { HeldSpans } from "./HeldSpans.js";
import { observePage } from "./observePage.js";
import type { PageTelemetry } from "./PendingTelemetry.js";

export { clearKept } from "./RecordShelf.js";

/** What `register` has made already. */
export interface EngineParts {
  readonly given: object;
  readonly environment: Variables;
  readonly parent: Context;
  readonly began: number;
  readonly sessionId: string;
  readonly tracer: Tracer;
  readonly propagator: TextMapPropagator;
  readonly spans: HeldSpans;
  readonly isOurProvider: boolean;
  /** Gets what is found in the remaining options. */
  readonly problems: string[];
}

/** Builds what redacts, keeps and sends, and takes over what was kept for it. */
export function startEngine(parts: EngineParts): PageTelemetry {
  const { result: configuration, problems } = collectProblems(() =>
    readConfiguration(parts.given as TelemetryOptions, parts.environment),
  );
  for (const problem of problems)
    if (!parts.problems.includes(problem)) parts.problems.push(problem);
  const { sessionId, tracer, propagator, spans, isOurProvider } = parts;
  const { tier, gates, shutdownTimeoutMs, baggageAttributes: keys } = configuration;
  const redactor = createRedactor(configuration.privacy, {});
  const stats = { posthog: new DeliveryStats(), otlp: new DeliveryStats() };
  const posthog = gates.posthog.on
    ? new PostHogPipe({
        configuration,
        redactor,
        stats: stats.posthog,
        recorder: undefined,
        sessionId,
      })
    : undefined;
  const context = posthog && { configuration, redactor, pipe: posthog, sessionId };
  const otlp =
    gates.otlp.on && isOurProvider
      ? createOtlpPipe(configuration, redactor, stats.otlp, sessionId)
      : undefined;
  if (spans.lost > 0) {
    stats.otlp.accept(spans.lost);
    stats.otlp.drop("not_loaded", spans.lost, "pending");
  }
  void posthog?.load();
  const hostProcessors = guardProcessors(configuration.spanProcessors);
  const capture = context && new EventCapture(context);
  const telemetry = new RunningTelemetry({
    tier,
    tracer,
    propagator,
    isOurProvider,
    sessionId,
    session: new SessionSpans(tracer, tier, parts.parent, parts.began),
    stats,
    redactor,
    posthog,
    capture,
    otlp,
    hostProcessors: isOurProvider ? hostProcessors : [],
    shutdownTimeoutMs,
  });
  const processors: readonly (SpanProcessor | undefined)[] = [
    keys.length > 0 ? new BaggageAttributesSpanProcessor(keys) : undefined,
    context && new MirrorSpanProcessor(context),
    otlp,
    ...hostProcessors,
  ];
  spans.handOver(processors.filter((processor) => processor !== undefined));
  telemetry.captureSession();
  telemetry.removeHooks = observePage({
    release: () => {
      otlp?.release();
      void posthog?.release();
    },
    persist: () => {
      otlp?.queue.persistPending();
      posthog?.queue.persistPending();
    },
  });
  const onUncaught = (error: unknown, origin: ErrorOrigin): void => {
    attempt(() => {
      if (!isCancellation(error, ROOT_CONTEXT)) capture?.error(origin, error, {}, origin);
    });
  };
  return Object.assign(telemetry, { onUncaught });
}

function createOtlpPipe(
  configuration: Configuration,
  redactor: Redactor,
  stats: DeliveryStats,
  sessionId: string,
): SpoolingSpanProcessor {
  const settings = readOtlpSettings(configuration);
  const queue = new DeliveryQueue({
    pipe: "otlp",
    stats,
    settings,
    format: otlpFormat,
    maxRecordsPerRequest: MAX_BATCHES_PER_REQUEST,
    disk: diskQueueOptions(configuration, "otlp", settings.url),
    redact: (text) => redactor.text(text),
  });
  const { posthog, gates } = configuration;
  const joins = {
    [ATTR_SESSION_JOIN]: sessionId,
    ...(gates.posthog.on ? { [ATTR_DISTINCT_ID_JOIN]: wellFormed(posthog.distinctId) } : {}),
  };
  const serializer = new SpanSerializer("http/json", redactor, queue, joins);
  return new SpoolingSpanProcessor({ queue, serializer, settings, batch: configuration.otlp });
}
