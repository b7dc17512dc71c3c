import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import type { Tracer } from "@opentelemetry/api";
import { trace } from "@opentelemetry/api";
import { parentContext } from "./carriers/parentContext.js";
import type { Configuration } from "./config/Configuration.js";
import { completeConfiguration } from "./config/readConfiguration.js";
import type { Switches } from "./config/readSwitches.js";
import { readSwitches } from "./config/readSwitches.js";
import { redactorOf } from "./config/redactorOf.js";
import type { Environment } from "./config/SettingReader.js";
import type { TelemetryOptions } from "./config/TelemetryOptions.js";
import { createTracing } from "./createTracing.js";
import { Ledger } from "./delivery/Ledger.js";
import type { PipeContext } from "./delivery/PipeContext.js";
import { recorderOf } from "./delivery/recorderOf.js";
import { clearOptedOut } from "./delivery/disk/spoolOf.js";
import { PACKAGE_VERSION } from "./resource/packageVersion.js";
import { sessionIdOf } from "./resource/sessionId.js";
import type { Tier } from "./resource/Tier.js";
import { createEvents } from "./posthog/createEvents.js";
import { createPropagator } from "./propagation/createPropagator.js";
import { withoutSession } from "./propagation/sessionBaggage.js";
import { enableDiagnostics } from "./shared/enableDiagnostics.js";
import { globalState } from "./shared/globalState.js";
import { once } from "./shared/once.js";
import { PartMaker } from "./shared/PartMaker.js";
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
 * The session start is made in the first turns of the event loop, or before the first span or event, or the end of
 * the process as far as `processHooks` sees it, if that comes first; its time is that of this call. A host that may be
 * killed while it still loads, or that wants the session's span at once, calls {@link captureSession} too.
 *
 * @param tierOrOptions The tier, or options with the tier in them.
 * @returns What happened, why, and the tier's tracer. A second call, also by another copy of this package in the
 *   process, changes nothing and says `already-registered`.
 */
export function register(tierOrOptions: Tier | TelemetryOptions): Telemetry {
  if (process.env["OTEL_LOG_LEVEL"] !== undefined) enableDiagnostics(process.env);
  const { runtime } = globalState();
  if (runtime !== undefined) {
    return {
      status: "already-registered",
      reason: `This process has registered as ${runtime.tier} before; this call changed nothing.`,
      tracer: runtime.tracer,
    };
  }
  const switches = readSwitches(
    typeof tierOrOptions === "string" ? { tier: tierOrOptions } : tierOrOptions,
    environmentNow(),
  );
  const { posthog, otlp } = switches.gates;
  const configuration = once(() => completeConfiguration(switches));
  if (posthog.optedOut || otlp.optedOut) clearOptedOut(configuration());
  if (!posthog.on && !otlp.on) {
    return {
      status: "disabled",
      reason: `Both pipes are off: ${posthog.reason}; ${otlp.reason}.`,
      tracer: tracerOf(switches),
    };
  }
  return start(switches, configuration);
}

function start(switches: Switches, configuration: () => Configuration): Telemetry {
  const { tier, gates, environment } = switches;
  const began = performance.now();
  const ledgers = { posthog: new Ledger(), otlp: new Ledger() };
  const maker = new PartMaker();
  // What is a function here is made when it is first asked for.
  const parent = once(() => parentContext(environment));
  const sessionId = once(() => sessionIdOf(parent()));
  const context: PipeContext = {
    configuration,
    redactor: once(() => redactorOf(configuration())),
    recorder: once(() => recorderOf(configuration(), sessionId)),
    ledgers,
  };
  const posthog = gates.posthog.on ? maker.part(() => createEvents(context)) : undefined;
  const otlp = gates.otlp.on ? maker.part(() => createOtlpCourier(context)) : undefined;
  const tracing = maker.part(() =>
    createTracing(context, { environment, sessionId, posthog, otlp }),
  );

  const propagator = createPropagator();
  const foreign = installGlobals({
    provider: new LazyTracerProvider(
      () => tracing()?.provider,
      () => globalState().runtime?.captureSession(),
    ),
    contextManager: new AsyncLocalStorageContextManager(),
    propagator: withoutSession(propagator),
  });
  const ownProvider = !foreign.includes("tracer provider");
  const tracer = tracerOf(switches);
  const runtime = new TierRuntime({
    tier,
    shutdownTimeoutMs: switches.shutdownTimeoutMs,
    tracer,
    propagator,
    sessionId,
    redactor: context.redactor,
    session: once(() => new Session(tracer, tier, parent(), began)),
    ledgers,
    posthog,
    otlp: ownProvider ? otlp : undefined,
    tracing: ownProvider ? tracing : undefined,
  });
  globalState().runtime = runtime;
  runtime.onShutdown = observeRuntimeEnd(runtime, switches);
  runtime.startSoon();
  return {
    status: foreign.length === 0 ? "registered" : "foreign-provider",
    reason: reasonOf(switches, foreign),
    tracer,
  };
}

/** As it stands: most of it is read later. On Windows names are found in any letter case, which a copy would lose. */
function environmentNow(): Environment {
  return process.platform === "win32" ? process.env : { ...process.env };
}

/** Through the API, so that it is the host's tracer under a foreign provider and the no-op where there is none. */
function tracerOf({ tier }: Switches): Tracer {
  return trace.getTracer(`land.${tier}`, PACKAGE_VERSION);
}

function reasonOf({ tier, gates }: Switches, foreign: readonly string[]): string {
  const pipes = `${gates.posthog.reason}; ${gates.otlp.reason}`;
  if (foreign.length === 0) return `Registered as ${tier}: ${pipes}.`;
  return `Somebody else's OpenTelemetry ${foreign.join(", ")} came first and stays; events and what else can work does: ${pipes}.`;
}
