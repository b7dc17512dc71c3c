import { parentContext } from "../carriers/environment.js";
import { reasonOf, reasonOff } from "../config/reasonOf.js";
import type { Tier } from "../resource/Tier.js";
import { Tier as Tiers } from "../resource/Tier.js";
import type { TelemetryOptions } from "../config/TelemetryOptions.js";
import { sessionIdOf } from "../resource/identity.js";
import { globalState } from "../shared/globalState.js";
import { readMember } from "../shared/readMember.js";
import type { Telemetry } from "../shared/Runtime.js";
import { setImmediate } from "../shared/timers.js";
import { HeldSpans } from "./HeldSpans.js";
import { observeUncaught } from "./observeUncaught.js";
import { openCall } from "./openCall.js";
import { page } from "./page.js";
import { PendingTelemetry } from "./PendingTelemetry.js";
import type { Registered } from "./quietRegister.js";
import { quietRegister } from "./quietRegister.js";
import type { PageSettings } from "./readPage.js";
import { gatesOf, readPage } from "./readPage.js";
import { startTracing, tracerOf } from "./startTracing.js";

/**
 * Sets up telemetry for this page: decides which pipes are on and creates the provider, so that spans have ids and
 * carriers have headers right away. Redaction, storage and sending are loaded in the next turn. Never throws.
 *
 * The settings are those of `register` on Node. The variables come from `globalThis.__LAND_TELEMETRY__`, where the
 * page's shell puts them, then from the option `environment`.
 *
 * @returns As on Node. `problems` grows when the rest is loaded, which reads the remaining options.
 */
export function register(tierOrOptions: Tier | TelemetryOptions): Telemetry {
  return quietRegister(Tiers.Sidecar, (problems) => {
    const began = performance.now();
    const settings = readPage(tierOrOptions, Tiers.Sidecar);
    const gates = gatesOf(settings);
    const { posthog, otlp } = gates;
    if (posthog.optedOut || otlp.optedOut) void clear(gates);
    if (posthog.on || otlp.on) return start(settings, gates, began, problems);
    return { status: "disabled", reason: reasonOff(gates), tracer: tracerOf(settings.tier) };
  });
}

type Gates = ReturnType<typeof gatesOf>;

function start(
  settings: PageSettings,
  gates: Gates,
  began: number,
  problems: string[],
): Registered {
  const { options: given, tier, environment } = settings;
  const relay = readMember(given, "relay");
  page.relay = typeof relay === "function" ? (relay as typeof page.relay) : undefined;
  const parent = parentContext(environment);
  const sessionId = sessionIdOf(parent);
  const spans = new HeldSpans();
  const tracing = startTracing(given, tier, environment, sessionId, spans);
  const { tracer, propagator, foreign } = tracing;
  const isOurProvider = !foreign.includes("tracer provider");
  const telemetry = new PendingTelemetry({
    tier,
    tracer,
    propagator,
    sessionId,
    spans,
    isOn: (pipe) => gates[pipe].on,
    load: async () => {
      const { startEngine } = await loadRest();
      const parts = { given, environment, parent, began, sessionId, tracer, propagator, spans };
      return startEngine({ ...parts, isOurProvider, problems });
    },
  });
  globalState().runtime = telemetry;
  globalState().openCall = openCall;
  observeUncaught();
  setImmediate(() => void telemetry.load());
  const way = page.relay === undefined ? "by fetch" : "by the relay";
  return {
    status: foreign.length === 0 ? "registered" : "foreign-provider",
    reason: reasonOf(tier, gates, foreign, way),
    tracer,
    sessionId,
  };
}

/**
 * Loads redaction, storage and sending, as files that a browser fetches in parallel and compiles one by one, so that
 * none blocks the page for long. The engine imports them statically; the imports here are what split them into files.
 */
async function loadRest(): Promise<typeof import("./engine.js")> {
  const [rest] = await Promise.all([
    import("./engine.js"),
    import("./parts/activity.js"),
    import("./parts/delivery.js"),
    import("./parts/events.js"),
    import("./parts/redaction.js"),
    import("./parts/settings.js"),
    import("./parts/tables.js"),
  ]);
  return rest;
}

/** Deletes what was kept for each pipe that somebody has opted out of. */
async function clear(gates: Gates): Promise<void> {
  try {
    const { clearKept } = await import("./engine.js");
    for (const pipe of ["posthog", "otlp"] as const)
      if (gates[pipe].optedOut) await clearKept(pipe);
  } catch {
    // What is left is deleted when a page next registers with the opt-out.
  }
}
