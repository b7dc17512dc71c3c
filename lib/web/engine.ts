import type { Context, TextMapPropagator, Tracer } from "@opentelemetry/api";
import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
import type { SpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { Variables } from "./mergeVariables.js";
import { readConfiguration } from "../config/readConfiguration.js";
import type { ErrorOrigin, TelemetryOptions } from "../config/TelemetryOptions.js";
import { reportMissing } from "../delivery/report.js";
import { DeliveryStats } from "../delivery/DeliveryStats.js";
import { isCancellation } from "../failures/cancellation.js";
import { closeFailed, recordCaptured } from "../failures/recordFailure.js";
import { EventCapture } from "../posthog/EventCapture.js";
import type { EventContext } from "../posthog/PostHogEvent.js";
import { MirrorSpanProcessor } from "../posthog/MirrorSpanProcessor.js";
import { PostHogPipe } from "../posthog/PostHogPipe.js";
import { BaggageAttributesSpanProcessor } from "../propagation/BaggageAttributesSpanProcessor.js";
import { createRedactor } from "../redaction/createRedactor.js";
import { attempt } from "../shared/attempt.js";
import { readMember } from "../shared/readMember.js";
import { collectProblems } from "../shared/diagnostics.js";
import { RunningTelemetry } from "../telemetry.js";
import { createOtlpPipe } from "../tracing/createOtlpPipe.js";
import { guardProcessors } from "../tracing/hostParts.js";
import { SessionSpans } from "../tracing/SessionSpans.js";
import type { HeldSpans } from "./HeldSpans.js";
import { isObserved, PageActivity } from "./PageActivity.js";
import { adoptEarly } from "./RecordShelf.js";
import { observePage } from "./observePage.js";
import { page } from "./page.js";
import { loadExceptions } from "./platform/posthog/exceptionProperties.js";
import { serveWorkers } from "./serveWorkers.js";
import type { EarlyError } from "./earlyErrors.js";
import type { CapturedError, LoadedTelemetry } from "./PendingTelemetry.js";

export { clearKept } from "./RecordShelf.js";

/** What `register` has already made. */
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
  /** Problems found in the remaining options are added here. */
  readonly problems: string[];
}

/** Builds redaction, storage and sending, and takes over what has been held for them. */
export async function startEngine(parts: EngineParts): Promise<LoadedTelemetry> {
  const { result: configuration, problems } = collectProblems(() =>
    readConfiguration(parts.given as TelemetryOptions, parts.environment),
  );
  for (const problem of problems)
    if (!parts.problems.includes(problem)) parts.problems.push(problem);
  const { sessionId, tracer, propagator, spans, isOurProvider } = parts;
  const { tier, gates, shutdownTimeoutMs, baggageAttributes: keys } = configuration;
  if (gates.posthog.on && configuration.posthog.errorTracking)
    await loadExceptions().catch((error: unknown) =>
      reportMissing("PostHog's builder", "error events", error),
    );
  const redactor = createRedactor(configuration.privacy, {});
  const stats = { posthog: new DeliveryStats(), otlp: new DeliveryStats() };
  const pipeParts = { configuration, redactor, recorder: undefined, sessionId };
  const posthog = gates.posthog.on
    ? new PostHogPipe({ ...pipeParts, stats: stats.posthog })
    : undefined;
  const context = posthog && { configuration, redactor, pipe: posthog, sessionId };
  const otlp =
    gates.otlp.on && isOurProvider
      ? createOtlpPipe({ ...pipeParts, stats: stats.otlp, protocol: "http/json" })
      : undefined;
  if (spans.lost > 0) {
    stats.otlp.accept(spans.lost);
    stats.otlp.drop("not_loaded", spans.lost, "pending");
  }
  void posthog?.load();
  const hostProcessors = guardProcessors(configuration.spanProcessors);
  const capture = context && new EventCapture(context);
  const telemetry = new RunningTelemetry({
    recorder: undefined,
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
  const observe = readMember(parts.given, "observe");
  const activity = new PageActivity({
    tier,
    tracer,
    observe,
    session: () =>
      telemetry.sessionTrace && trace.setSpanContext(ROOT_CONTEXT, telemetry.sessionTrace),
    captureEvent: (name, properties) => telemetry.captureEvent(name, properties),
    isOurs: (blockedUri) => page.onViolation(blockedUri),
  });
  const isUncaughtTold = isObserved(observe, "uncaught");
  const stopServing = serveWorkers({ sessionId, events: context, otlp });
  const stopObserving = observePage({
    show: () => activity.show(),
    release: () => {
      activity.hide();
      otlp?.release();
      void posthog?.release();
    },
    persist: () => {
      otlp?.queue.persistPending();
      posthog?.queue.persistPending();
    },
  });
  telemetry.removeHooks = () => {
    stopServing();
    stopObserving();
  };
  const onUncaught = (error: unknown, origin: ErrorOrigin, as?: CapturedError): void => {
    attempt(() => {
      if (!isUncaughtTold || isCancellation(error, ROOT_CONTEXT)) return;
      capture?.error(origin, error, {}, origin, as && identityOf(as));
    });
  };
  const onCaptured = (captured: CapturedError): void => {
    const { tag, error, properties, origin } = captured;
    if (origin !== "captureError") {
      onUncaught(error, origin, captured);
      return;
    }
    attempt(() => recordCaptured(trace.getActiveSpan(), tag, error));
    attempt(() => capture?.error(tag, error, properties, origin, identityOf(captured)));
  };
  if (context) void adoptEarly((id, early) => attempt(() => captureEarly(context, id, early)));
  const [flush, shutdown] = [telemetry.flush.bind(telemetry), telemetry.shutdown.bind(telemetry)];
  return Object.assign(telemetry, {
    onUncaught: (error: unknown, origin: ErrorOrigin) => onUncaught(error, origin),
    onCaptured,
    closeFailed,
    flush: (timeoutMs?: number) => {
      activity.gather();
      return flush(timeoutMs);
    },
    shutdown: (timeoutMs?: number) => {
      activity.stop();
      return shutdown(timeoutMs);
    },
  });
}

function identityOf({ id, timestamp }: CapturedError): { uuid: string; timestamp: string } {
  return { uuid: id, timestamp };
}

/** Captures an error whose page ended before its text could be redacted, under the id its event would have had. */
function captureEarly(context: EventContext, uuid: string, early: EarlyError): void {
  const { tag, type, origin, sessionId, at } = early;
  const error = Object.assign(new Error("not kept: the page ended first"), {
    name: type,
    stack: "",
  });
  const timestamp = new Date(at).toISOString();
  new EventCapture({ ...context, sessionId }).error(tag, error, {}, origin, { uuid, timestamp });
}
