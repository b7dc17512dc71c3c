import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import type { Tracer } from "@opentelemetry/api";
import { trace } from "@opentelemetry/api";
import { parentContext } from "./boundary/parentContext.js";
import type { Configuration } from "./configuration/Configuration.js";
import { redactorOf } from "./configuration/redactorOf.js";
import { readConfiguration } from "./configuration/readConfiguration.js";
import type { TelemetryOptions } from "./configuration/TelemetryOptions.js";
import { Ledger } from "./delivery/Ledger.js";
import { createRecorder } from "./delivery/createRecorder.js";
import { clearOptedOut, stateRoot } from "./delivery/spoolOf.js";
import { PACKAGE_VERSION } from "./identity/packageVersion.js";
import { sessionIdOf } from "./identity/sessionId.js";
import type { Tier } from "./identity/Tier.js";
import { createTracing } from "./createTracing.js";
import { createEvents } from "./mirror/createEvents.js";
import { lazyPropagator } from "./propagation/lazyPropagator.js";
import { withoutSession } from "./propagation/withoutSession.js";
import { enableDiagnostics } from "./shared/enableDiagnostics.js";
import { globalState } from "./shared/globalState.js";
import { once } from "./shared/once.js";
import type { Telemetry } from "./shared/Telemetry.js";
import { observeRuntimeEnd } from "./observeRuntimeEnd.js";
import { TierRuntime } from "./TierRuntime.js";
import { createOtlpCourier } from "./tracing/createOtlpCourier.js";
import { installGlobals } from "./tracing/installGlobals.js";
import { LazyTracerProvider } from "./tracing/LazyTracerProvider.js";
import { Session } from "./tracing/Session.js";

/**
 * Gives this process its telemetry: reads the configuration once and sets up the pipes that are on. Call it first
 * thing in a tier's entry file. It loads neither posthog-node nor the exporter, and never throws.
 *
 * The session start is on disk with the first turn of the event loop, or when the process ends before that; its time
 * is that of this call. A host that may be killed while it still loads calls {@link captureSession} too, which does
 * it at once.
 *
 * @param tierOrOptions The tier, or options with the tier in them.
 * @returns What happened, why, and the tier's tracer. A second call, also by another copy of this package in the
 *   process, changes nothing and says `already-registered`.
 */
export function register(tierOrOptions: Tier | TelemetryOptions): Telemetry {
  const environment = process.env;
  if (environment["OTEL_LOG_LEVEL"] !== undefined) enableDiagnostics(environment);
  const { runtime } = globalState();
  if (runtime !== undefined) {
    return { status: "already-registered", reason: `This process has registered as ${runtime.tier} before; this call changed nothing.`, tracer: runtime.tracer };
  }
  const configuration = readConfiguration(typeof tierOrOptions === "string" ? { tier: tierOrOptions } : tierOrOptions, environment);
  const { posthog, otlp } = configuration.gates;
  if (posthog.optedOut || otlp.optedOut) clearOptedOut(configuration);
  if (!posthog.on && !otlp.on) {
    return { status: "disabled", reason: `Both pipes are off: ${posthog.reason}; ${otlp.reason}.`, tracer: tracerOf(configuration) };
  }
  return start(configuration);
}

function start(configuration: Configuration): Telemetry {
  const { tier, gates } = configuration;
  const parent = parentContext(process.env);
  const sessionId = once(() => sessionIdOf(parent));
  const redactor = redactorOf(configuration);
  const root = configuration.record ? stateRoot(configuration) : undefined;
  const recorder = root === undefined ? undefined : createRecorder(root, sessionId());
  const ledgers = { posthog: new Ledger(), otlp: new Ledger() };

  const identity = { tier, app: configuration.app, distinctId: configuration.posthog.distinctId, pid: process.pid };
  const posthog = gates.posthog.on ? once(() => createEvents(configuration, identity, redactor, ledgers.posthog, recorder)) : undefined;
  const otlp = gates.otlp.on ? { ledger: ledgers.otlp, courier: once(() => createOtlpCourier(configuration, ledgers.otlp, recorder)) } : undefined;
  const tracing = once(() => createTracing({ configuration, sessionId, identity, redactor, posthog, otlp }));

  const propagator = lazyPropagator();
  const foreign = installGlobals({
    provider: new LazyTracerProvider(() => tracing().provider),
    contextManager: new AsyncLocalStorageContextManager(),
    propagator: withoutSession(propagator),
  });
  const ownProvider = !foreign.includes("tracer provider");
  const tracer = tracerOf(configuration);
  const runtime = new TierRuntime({
    configuration,
    tracer,
    propagator,
    sessionId,
    session: new Session(tracer, tier, parent),
    ledgers,
    posthog,
    otlp: ownProvider ? otlp?.courier : undefined,
    tracing: ownProvider ? tracing : undefined,
  });
  globalState().runtime = runtime;
  runtime.onShutdown = observeRuntimeEnd(runtime, configuration);
  runtime.startSoon();
  return { status: foreign.length === 0 ? "registered" : "foreign-provider", reason: reasonOf(configuration, foreign), tracer };
}

/** Through the API, so that it is the host's tracer under a foreign provider and the no-op where there is none. */
function tracerOf({ tier }: Configuration): Tracer {
  return trace.getTracer(`land.${tier}`, PACKAGE_VERSION);
}

function reasonOf({ tier, gates }: Configuration, foreign: readonly string[]): string {
  const pipes = `${gates.posthog.reason}; ${gates.otlp.reason}`;
  if (foreign.length === 0) return `Registered as ${tier}: ${pipes}.`;
  return `Somebody else's OpenTelemetry ${foreign.join(", ")} came first and stays; events and what else can work does: ${pipes}.`;
}
