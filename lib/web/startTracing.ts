import type { TextMapPropagator, Tracer } from "@opentelemetry/api";
import { trace } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import type { SpanProcessor } from "@opentelemetry/sdk-trace";
import { StackContextManager, TracerProvider } from "@opentelemetry/sdk-trace";
import { createPropagator } from "../propagation/createPropagator.js";
import { withoutSession } from "../propagation/sessionBaggage.js";
import { PACKAGE_VERSION } from "../resource/packageVersion.js";
import type { Tier } from "../resource/Tier.js";
import { tierResource } from "../resource/tierResource.js";
import { attempt } from "../shared/attempt.js";
import { readMember } from "../shared/readMember.js";
import { installGlobals } from "../tracing/installGlobals.js";
import type { Variables } from "./mergeVariables.js";

/** What creates the spans of a page or a worker. */
export interface Tracing {
  readonly tracer: Tracer;
  readonly propagator: TextMapPropagator;
  readonly resource: Resource;
  /** The names of the OpenTelemetry globals that somebody else had already set. */
  readonly foreign: readonly string[];
}

/** Creates the provider, and sets it, the propagator and the context manager unless somebody already has. */
export function startTracing(
  given: object,
  tier: Tier,
  environment: Variables,
  sessionId: string,
  processor: SpanProcessor,
): Tracing {
  const version = readMember(readMember(given, "app"), "version");
  const attributes = readMember(given, "resourceAttributes");
  const propagator = createPropagator();
  const resource = tierResource({
    tier,
    serviceName: environment["OTEL_SERVICE_NAME"] ?? `land-editor-${tier}`,
    version: typeof version === "string" ? version : "0.0.1",
    sessionId,
    attributes: attempt(() => ({ ...(attributes as object) })) ?? {},
  });
  const provider = new TracerProvider({ resource, spanProcessors: [processor] });
  const foreign = installGlobals({
    provider,
    contextManager: new StackContextManager(),
    propagator: withoutSession(propagator),
  });
  return { tracer: tracerOf(tier), propagator, resource, foreign };
}

/** The API's tracer, so that it is the host's under a foreign provider and a no-op where there is no provider. */
export function tracerOf(tier: string): Tracer {
  return trace.getTracer(`land.${tier}`, PACKAGE_VERSION);
}
