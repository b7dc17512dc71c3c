import type { Environment } from "./config/SettingReader.js";
import type { Courier } from "./delivery/Courier.js";
import type { Ledger } from "./delivery/Ledger.js";
import type { PipeContext } from "./delivery/PipeContext.js";
import { joinProcessors } from "./joinProcessors.js";
import type { Events } from "./posthog/createEvents.js";
import { identityOf } from "./posthog/identityOf.js";
import type { EventSink } from "./posthog/MirrorEvent.js";
import { MirrorSpanProcessor } from "./posthog/MirrorSpanProcessor.js";
import { createProvider } from "./tracing/createProvider.js";
import type { EndableProvider } from "./tracing/LazyTracerProvider.js";
import { readOtlpSettings } from "./tracing/otlpSettings.js";
import { OtlpPipe } from "./tracing/OtlpPipe.js";

/** What the spans of a process go through; a pipe that is off is undefined. */
export interface TracingParts {
  readonly environment: Environment;
  readonly sessionId: () => string;
  readonly posthog: (() => Events | undefined) | undefined;
  readonly otlp: (() => Courier | undefined) | undefined;
}

/** The provider, and the pipe that its sampled spans go to. */
export interface Tracing {
  readonly provider: EndableProvider;
  readonly pipe: OtlpPipe | undefined;
}

/** Makes the official provider with the processors of the pipes that are on; with the first span, or after the start of the process. */
export function createTracing(
  context: PipeContext,
  { environment, sessionId, posthog, otlp }: TracingParts,
): Tracing {
  const configuration = context.configuration();
  const pipe =
    otlp &&
    new OtlpPipe({
      settings: { ...readOtlpSettings(configuration), protocol: configuration.otlp.protocol },
      redactor: context.redactor(),
      ledger: context.ledgers.otlp,
      courier: otlp,
    });
  const mirror =
    posthog &&
    new MirrorSpanProcessor({
      identity: identityOf(configuration),
      selection: configuration.mirror,
      sink: lazySink(posthog, context.ledgers.posthog),
      exceptions: configuration.posthog.errorTracking
        ? { report: (failure) => posthog()?.exceptions?.report(failure) }
        : undefined,
      ownSpans: true,
      forceFlush: async () => posthog()?.pipe.release(),
      // The provider is not what ends the pipe: `shutdown` is, within its budget.
      shutdown: async () => posthog()?.pipe.release(),
    });
  return {
    provider: createProvider(configuration, sessionId, environment, joinProcessors(mirror, pipe)),
    pipe,
  };
}

/** What comes while the pipe cannot be made is given up and counted. */
function lazySink(posthog: () => Events | undefined, ledger: Ledger): EventSink {
  return {
    admit: (event, fingerprint) => posthog()?.pipe.admit(event, fingerprint) ?? true,
    send: (event) => {
      const events = posthog();
      if (events !== undefined) events.pipe.send(event);
      else {
        ledger.accept(1);
        ledger.drop("not_started", 1, "pending");
      }
    },
  };
}
