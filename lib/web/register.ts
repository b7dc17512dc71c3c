import type { Tracer } from "@opentelemetry/api";
import { trace } from "@opentelemetry/api";
import { StackContextManager, TracerProvider } from "@opentelemetry/sdk-trace";
import { parentContext } from "../carriers/environment.js";
import type { Gate } from "../config/Configuration.js";
import { readGates } from "../config/readGates.js";
import { SettingReader } from "../config/SettingReader.js";
import type { Variables } from "./mergeVariables.js";
import { mergeVariables } from "./mergeVariables.js";
import type { TelemetryOptions } from "../config/TelemetryOptions.js";
import { createPropagator } from "../propagation/createPropagator.js";
import { withoutSession } from "../propagation/sessionBaggage.js";
import { sessionIdOf } from "../resource/identity.js";
import { PACKAGE_VERSION } from "../resource/packageVersion.js";
import { isTier, Tier } from "../resource/Tier.js";
import { tierResource } from "../resource/tierResource.js";
import { attempt } from "../shared/attempt.js";
import { collectProblems } from "../shared/diagnostics.js";
import { globalState } from "../shared/globalState.js";
import { isObject } from "../shared/isObject.js";
import { readMember } from "../shared/readMember.js";
import { report } from "../shared/report.js";
import type { Telemetry } from "../shared/Runtime.js";
import type { Pipe } from "../shared/Stats.js";
import { setImmediate } from "../shared/timers.js";
import { installGlobals } from "../tracing/installGlobals.js";
import { HeldSpans } from "./HeldSpans.js";
import { openCall } from "./openCall.js";
import { page } from "./page.js";
import { PendingTelemetry } from "./PendingTelemetry.js";
import { observeUncaught } from "./observeUncaught.js";

/** Where the shell that made the page puts what it would give a process in its environment. */
const INJECTED = "__LAND_TELEMETRY__";

type Registered = Omit<Telemetry, "problems">;

/**
 * Gives this page its telemetry: decides which pipes are on, and makes the provider, so that spans have ids and carriers
 * headers at once. What redacts, keeps and sends is loaded in the turn after it. Never throws.
 *
 * The settings are those of `register` on Node; the variables are what the page's shell has put into
 * `globalThis.__LAND_TELEMETRY__`, then those of the option `environment`.
 *
 * @returns As on Node. `problems` grows when the rest is loaded, which reads the remaining options.
 */
export function register(tierOrOptions: Tier | TelemetryOptions): Telemetry {
  const problems: string[] = [];
  const { result, problems: found } = collectProblems(() => {
    try {
      return tryToRegister(tierOrOptions, problems);
    } catch (error) {
      // An option of a kind that nobody foresaw costs the page its telemetry, and nothing else.
      const reason = "The options cannot be used.";
      report("error", `${reason} No telemetry is sent.`, error);
      return { status: "disabled", reason, tracer: tracerOf(Tier.Sidecar) } as const;
    }
  });
  problems.push(...found);
  return { ...result, problems };
}

function tryToRegister(given: unknown, problems: string[]): Registered {
  const { runtime } = globalState();
  if (runtime !== undefined) {
    const { tier, tracer, sessionId } = runtime;
    const reason = `This page has registered as ${tier} before; this call changed nothing.`;
    return { status: "already-registered", reason, tracer, sessionId };
  }
  const began = performance.now();
  const options = isObject(given) ? given : { tier: given };
  const environment = mergeVariables(
    readMember(globalThis, INJECTED),
    readMember(options, "environment"),
  );
  const settings = new SettingReader(switchesOf(options) as TelemetryOptions, environment);
  const { gates } = readGates(settings);
  const named = [readMember(options, "tier"), environment["LAND_TELEMETRY_TIER"]].find(isTier);
  const tier = named ?? Tier.Sidecar;
  if (gates.posthog.optedOut || gates.otlp.optedOut) void clear(gates);
  if (!gates.posthog.on && !gates.otlp.on) {
    const reason = `Both pipes are off: ${gates.posthog.reason}; ${gates.otlp.reason}.`;
    return { status: "disabled", reason, tracer: tracerOf(tier) };
  }
  return start({ given: options, tier, environment, gates, began, problems });
}

interface Start {
  readonly given: object;
  readonly tier: Tier;
  readonly environment: Variables;
  readonly gates: Readonly<Record<Pipe, Gate>>;
  readonly began: number;
  readonly problems: string[];
}

function start({ given, tier, environment, gates, began, problems }: Start): Registered {
  const relay = readMember(given, "relay");
  page.relay = typeof relay === "function" ? (relay as typeof page.relay) : undefined;
  const parent = parentContext(environment);
  const sessionId = sessionIdOf(parent);
  const propagator = createPropagator();
  const spans = new HeldSpans();
  const text = (name: string, fallback: string): string => {
    const value = readMember(readMember(given, "app"), name);
    return typeof value === "string" ? value : fallback;
  };
  const attributes = readMember(given, "resourceAttributes");
  const provider = new TracerProvider({
    resource: tierResource({
      tier,
      serviceName: environment["OTEL_SERVICE_NAME"] ?? `land-editor-${tier}`,
      version: text("version", "0.0.1"),
      sessionId,
      attributes: attempt(() => ({ ...(attributes as object) })) ?? {},
    }),
    spanProcessors: [spans],
  });
  const foreign = installGlobals({
    provider,
    contextManager: new StackContextManager(),
    propagator: withoutSession(propagator),
  });
  const tracer = tracerOf(tier);
  const isOurProvider = !foreign.includes("tracer provider");
  const telemetry = new PendingTelemetry({
    tier,
    tracer,
    propagator,
    sessionId,
    spans,
    isOn: (pipe) => gates[pipe].on,
    load: async () => {
      const { startEngine } = await import("./engine.js");
      const parts = { given, environment, parent, began, sessionId, tracer, propagator, spans };
      return startEngine({ ...parts, isOurProvider, problems });
    },
  });
  globalState().runtime = telemetry;
  globalState().openCall = openCall;
  observeUncaught();
  setImmediate(() => void telemetry.load());
  const way = page.relay === undefined ? "by fetch" : "by the relay";
  const pipes = `${gates.posthog.reason}; ${gates.otlp.reason}; ${way}`;
  const reason =
    foreign.length === 0
      ? `Registered as ${tier}: ${pipes}.`
      : `Somebody else's OpenTelemetry ${foreign.join(", ")} came first and stays; events and what else can work does: ${pipes}.`;
  return {
    status: foreign.length === 0 ? "registered" : "foreign-provider",
    reason,
    tracer,
    sessionId,
  };
}

/** The options that decide whether and where a pipe sends; what cannot be read of them is a no. */
function switchesOf(options: object): object {
  const group = (name: string, ...members: readonly string[]): object => {
    const value = readMember(options, name);
    const isKnown = value === undefined || value === null || isObject(value);
    if (!isKnown) return { enabled: false };
    return Object.fromEntries(members.map((member) => [member, readMember(value, member)]));
  };
  return {
    capture: readMember(options, "capture"),
    posthog: group("posthog", "enabled", "key", "host"),
    otlp: group("otlp", "enabled", "endpoint"),
  };
}

/** What was kept of a pipe that somebody has opted out of is deleted. */
async function clear(gates: Start["gates"]): Promise<void> {
  try {
    const { clearKept } = await import("./engine.js");
    for (const pipe of ["posthog", "otlp"] as const)
      if (gates[pipe].optedOut) await clearKept(pipe);
  } catch {
    // There is nothing of ours then.
  }
}

/** Through the API, so that it is the host's tracer under a foreign provider and the no-op where there is none. */
function tracerOf(tier: string): Tracer {
  return trace.getTracer(`land.${tier}`, PACKAGE_VERSION);
}
