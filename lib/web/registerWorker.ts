import { parentContext } from "../carriers/environment.js";
import type { TelemetryOptions } from "../config/TelemetryOptions.js";
import { sessionIn } from "../resource/identity.js";
import { Tier } from "../resource/Tier.js";
import { globalState } from "../shared/globalState.js";
import type { Telemetry } from "../shared/Runtime.js";
import { observeUncaught } from "./observeUncaught.js";
import { quietRegister } from "./quietRegister.js";
import { readPage } from "./readPage.js";
import { startTracing } from "./startTracing.js";
import { WorkerLink } from "./WorkerLink.js";
import { WorkerSpans, WorkerTelemetry } from "./WorkerTelemetry.js";

/**
 * Sets up telemetry for this service, shared or dedicated worker. Its spans, events and errors are handed to a page of
 * the same origin that has registered, which redacts, counts and sends them as its own, in its session; until there is
 * such a page they wait in memory. The page decides whether a pipe is on; of the worker's own settings only an explicit
 * off counts. Never throws.
 */
export function register(tierOrOptions: Tier | TelemetryOptions): Telemetry {
  return quietRegister(Tier.Worker, () => {
    const settings = readPage(tierOrOptions, Tier.Worker);
    const { options, environment, tier } = settings;
    const parent = parentContext(environment);
    const sessionId = sessionIn(parent) ?? "";
    const link = new WorkerLink(settings);
    const spans = new WorkerSpans(link);
    const tracing = startTracing(options, tier, environment, sessionId, spans);
    const { foreign, resource, tracer, propagator } = tracing;
    link.resource = resource.attributes;
    const parts = { tier, tracer, propagator, parent, sessionId, link };
    const telemetry = new WorkerTelemetry(parts);
    globalState().runtime = telemetry;
    observeUncaught();
    link.open();
    telemetry.captureSession();
    const isAlone = foreign.length === 0;
    return {
      status: isAlone ? "registered" : "foreign-provider",
      reason: isAlone
        ? `Registered as ${tier}: a page of this origin sends.`
        : `OpenTelemetry globals that others set first are kept (${foreign.join(", ")}); a page of this origin sends the rest.`,
      tracer,
      ...(sessionId === "" ? {} : { sessionId }),
    };
  });
}
