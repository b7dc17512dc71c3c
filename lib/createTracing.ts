import type { Configuration } from "./configuration/Configuration.js";
import type { Courier } from "./delivery/Courier.js";
import type { Ledger } from "./delivery/Ledger.js";
import { joinProcessors } from "./joinProcessors.js";
import type { Events } from "./mirror/createEvents.js";
import type { EventIdentity } from "./mirror/EventIdentity.js";
import { MirrorSpanProcessor } from "./mirror/MirrorSpanProcessor.js";
import type { Redactor } from "./privacy/Redactor.js";
import { createProvider } from "./tracing/createProvider.js";
import type { EndableProvider } from "./tracing/LazyTracerProvider.js";
import { OtlpPipe } from "./tracing/OtlpPipe.js";

/** What the spans of a process go through. */
export interface TracingParts {
  readonly configuration: Configuration;
  readonly sessionId: () => string;
  readonly identity: EventIdentity;
  readonly redactor: Redactor;
  /** Undefined where the pipe is off. */
  readonly posthog: (() => Events) | undefined;
  readonly otlp: { readonly ledger: Ledger; readonly courier: () => Courier } | undefined;
}

/** The provider, and the pipe that its sampled spans go to. */
export interface Tracing {
  readonly provider: EndableProvider;
  readonly pipe: OtlpPipe | undefined;
}

/** Makes the official provider with the processors of the pipes that are on; with the first span, or after the start of the process. */
export function createTracing({ configuration, sessionId, identity, redactor, posthog, otlp }: TracingParts): Tracing {
  const pipe = otlp && new OtlpPipe({ settings: configuration.otlp, redactor, ...otlp });
  const mirror =
    posthog &&
    new MirrorSpanProcessor({
      identity,
      selection: configuration.mirror,
      sink: { admit: (event, fingerprint) => posthog().pipe.admit(event, fingerprint), send: (event) => posthog().pipe.send(event) },
      exceptions: configuration.posthog.errorTracking ? { report: (failure) => posthog().exceptions?.report(failure) } : undefined,
      ownSpans: true,
      forceFlush: () => posthog().pipe.release(),
      // The provider is not what ends the pipe: `shutdown` is, within its budget.
      shutdown: () => posthog().pipe.release(),
    });
  return { provider: createProvider(configuration, sessionId, process.env, joinProcessors(mirror, pipe)), pipe };
}
