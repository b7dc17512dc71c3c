import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import type { Tracer } from "@opentelemetry/api";
import { trace } from "@opentelemetry/api";
import { parentContext } from "./carriers/environment.js";
import type { Configuration } from "./config/Configuration.js";
import { readConfiguration } from "./config/readConfiguration.js";
import { reasonOf, reasonOff } from "./config/reasonOf.js";
import type { TelemetryOptions } from "./config/TelemetryOptions.js";
import { DeliveryStats } from "./delivery/DeliveryStats.js";
import { clearOptedOut } from "./delivery/disk/spoolPaths.js";
import { recorderOf } from "./delivery/PayloadRecorder.js";
import { observeProcessEnd } from "./delivery/processHooks.js";
import { describeFailure } from "./failures/describeFailure.js";
import { FlightRecorder } from "./FlightRecorder.js";
import { EventCapture } from "./posthog/EventCapture.js";
import { MirrorSpanProcessor } from "./posthog/MirrorSpanProcessor.js";
import { PostHogPipe } from "./posthog/PostHogPipe.js";
import { BaggageAttributesSpanProcessor } from "./propagation/BaggageAttributesSpanProcessor.js";
import { createPropagator } from "./propagation/createPropagator.js";
import { withoutSession } from "./propagation/sessionBaggage.js";
import { createRedactor } from "./redaction/createRedactor.js";
import { PACKAGE_VERSION } from "./resource/packageVersion.js";
import { localUser, sessionIdOf } from "./resource/identity.js";
import { Tier } from "./resource/Tier.js";
import { tierResource } from "./resource/tierResource.js";
import { attempt } from "./shared/attempt.js";
import { apiGlobals, collectProblems, enableDiagnostics } from "./shared/diagnostics.js";
import type { Globals } from "./shared/Globals.js";
import { globalState } from "./shared/globalState.js";
import type { Telemetry } from "./shared/Runtime.js";
import { isInSandbox, protect } from "./shared/sandbox.js";
import { setImmediate } from "./shared/timers.js";
import { RunningTelemetry } from "./telemetry.js";
import { createOtlpPipe } from "./tracing/createOtlpPipe.js";
import { createTracerProvider } from "./tracing/createTracerProvider.js";
import { guardProcessors, guardSampler } from "./tracing/hostParts.js";
import { installGlobals, removeGlobals } from "./tracing/installGlobals.js";
import { SessionSpans } from "./tracing/SessionSpans.js";
import { report } from "./shared/report.js";

/**
 * Sets up telemetry for this process: reads the configuration once, builds the pipes that are on and, in the next turn
 * of the event loop, sends the session start. Call it first in a tier's entry file. Never throws.
 *
 * @param tierOrOptions The tier, or options that include it.
 * @returns What happened, why, and the tier's tracer. A second call, even by another copy of this package in the
 *   process, changes nothing and returns the status `already-registered`.
 */
export function register(tierOrOptions: Tier | TelemetryOptions): Telemetry {
  const { result, problems } = collectProblems(() => tryToRegister(tierOrOptions));
  const [first, ...others] = problems;
  const more = others.length === 0 ? "" : ` See problems for ${others.length} more.`;
  return {
    ...result,
    reason: first === undefined ? result.reason : `${result.reason} ${first}${more}`,
    problems,
    // Read from disk only when the host asks for it.
    get lastRun() {
      return globalState().runtime?.lastRun;
    },
  };
}

type Registered = Omit<Telemetry, "problems" | "lastRun">;

function tryToRegister(tierOrOptions: Tier | TelemetryOptions): Registered {
  enableDiagnostics(process.env);
  const { runtime } = globalState();
  if (runtime !== undefined) {
    return {
      status: "already-registered",
      reason: `This process is already registered as ${runtime.tier}; this call changed nothing.`,
      tracer: runtime.tracer,
      sessionId: runtime.sessionId,
    };
  }
  const began = performance.now();
  try {
    const configuration = readConfiguration(tierOrOptions);
    const { posthog, otlp } = configuration.gates;
    if (posthog.optedOut || otlp.optedOut) clearOptedOut(configuration);
    if (posthog.on || otlp.on) return start(configuration, began);
    const reason = reasonOff(configuration.gates);
    return { status: "disabled", reason, tracer: tracerOf(configuration.tier) };
  } catch (error) {
    // An option of an unforeseen kind costs the process its telemetry, but nothing else.
    const reason = `The options cannot be used: ${describeFailure(error).message}.`;
    report("error", `${reason} No telemetry is sent.`);
    return { status: "disabled", reason, tracer: tracerOf(Tier.Sidecar) };
  }
}

function start(configuration: Configuration, began: number): Registered {
  const { tier, app, gates, serviceName, shutdownTimeoutMs } = configuration;
  const { resourceAttributes: attributes, baggageAttributes: keys } = configuration;
  const parent = parentContext(process.env);
  const sessionId = sessionIdOf(parent);
  const redactor = createRedactor(configuration.privacy, localUser());
  const payloads = recorderOf(configuration, sessionId);
  const stats = { posthog: new DeliveryStats(), otlp: new DeliveryStats() };

  const posthog = gates.posthog.on
    ? new PostHogPipe({
        configuration,
        redactor,
        stats: stats.posthog,
        recorder: payloads,
        sessionId,
      })
    : undefined;
  const context = posthog && { configuration, redactor, pipe: posthog, sessionId };
  const otlp = gates.otlp.on
    ? createOtlpPipe({ configuration, redactor, stats: stats.otlp, recorder: payloads, sessionId })
    : undefined;

  const hostProcessors = guardProcessors(configuration.spanProcessors);
  const recorder = FlightRecorder.of({ configuration, redactor, otlp, events: context, sessionId });
  const provider = createTracerProvider({
    resource: tierResource({ tier, serviceName, version: app.version, sessionId, attributes }),
    sampler: configuration.sampler && guardSampler(configuration.sampler),
    recordAll: gates.posthog.on,
    spanLimits: configuration.spanLimits,
    spanProcessors: [
      keys.length > 0 ? new BaggageAttributesSpanProcessor(keys) : undefined,
      context && new MirrorSpanProcessor(context),
      recorder?.spans,
      otlp,
      ...hostProcessors,
    ].filter((processor) => processor !== undefined),
  });
  const propagator = createPropagator(configuration.propagators);
  const globals = {
    provider,
    contextManager: new AsyncLocalStorageContextManager(),
    propagator: withoutSession(propagator),
  };
  replaceFormer(globals);
  const foreign = installGlobals(globals);
  const isOurProvider = !foreign.includes("tracer provider");
  if (!isOurProvider) otlp?.queue.closeNow();

  const tracer = tracerOf(tier);
  const telemetry = new RunningTelemetry({
    tier,
    tracer,
    propagator,
    isOurProvider,
    sessionId,
    session: new SessionSpans(tracer, tier, parent, began),
    stats,
    redactor,
    posthog,
    capture: context && new EventCapture(context),
    otlp: isOurProvider ? otlp : undefined,
    hostProcessors: isOurProvider ? hostProcessors : [],
    shutdownTimeoutMs,
    recorder,
  });
  globalState().runtime = telemetry;
  telemetry.removeHooks = observeProcessEnd(
    telemetry,
    configuration.processHooks,
    shutdownTimeoutMs,
  );
  if (isInSandbox()) {
    telemetry.prepare();
    protect(globalState(), () => attempt(() => telemetry.stop()));
    protect(apiGlobals() ?? {});
  }
  setImmediate(() => telemetry.start());
  return {
    status: foreign.length === 0 ? "registered" : "foreign-provider",
    reason: reasonOf(configuration.tier, configuration.gates, foreign),
    tracer,
    sessionId,
  };
}

/** Replaces telemetry that was shut down: removes its globals and begins a new session. */
function replaceFormer(globals: Globals): void {
  const state = globalState();
  const { globals: former } = state;
  state.globals = globals;
  if (former === undefined) return;
  attempt(() => removeGlobals(former));
  state.sessionStarted = false;
  state.sessionMirrored = false;
}

/** Goes through the API, so that it is the host's tracer under a foreign provider and a no-op without any provider. */
function tracerOf(tier: string): Tracer {
  return trace.getTracer(`land.${tier}`, PACKAGE_VERSION);
}
