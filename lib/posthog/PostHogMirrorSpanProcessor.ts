import { diag } from "@opentelemetry/api";
import type { ReadableSpan, Span, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { readConfiguration } from "../config/readConfiguration.js";
import type { TelemetryOptions } from "../config/TelemetryOptions.js";
import type { Courier } from "../delivery/Courier.js";
import { Ledger } from "../delivery/Ledger.js";
import { observeProcessEnd } from "../delivery/observeProcessEnd.js";
import { ATTR_LAND_TIER } from "../resource/semanticConventions.js";
import { Tier } from "../resource/Tier.js";
import { createRedactor } from "../redaction/createRedactor.js";
import { localUser } from "../resource/identity.js";
import type { PipeStats } from "../shared/Stats.js";
import { createPostHogPipe } from "./createPostHogPipe.js";
import { ExceptionReporter } from "./ExceptionReporter.js";
import { MirrorSpanProcessor } from "./MirrorSpanProcessor.js";
import type { PostHogPipe } from "./PostHogPipe.js";

/** Options of the mirror on a host's own provider; all optional, with the variables and defaults of `register`. */
export interface PostHogMirrorOptions extends Pick<
  TelemetryOptions,
  | "app"
  | "posthog"
  | "mirror"
  | "privacy"
  | "spool"
  | "throttle"
  | "shutdownTimeoutMs"
  | "processHooks"
> {
  /** The tier of spans whose resource has no `land.tier`. Default: `common`. */
  readonly tier?: Tier;
}

/**
 * Mirrors error and session spans of a host's own provider into PostHog events. Works with SDK 2.x and 3.x, since
 * it uses nothing but the interfaces.
 *
 * Making one says yes to the pipe, so no variable is needed to turn it on; `Capture=false`, `Report=false` and an
 * `enabled: false` still turn it off, and without a key it does nothing. Spans that the host's sampler leaves out
 * are not seen.
 */
export class PostHogMirrorSpanProcessor implements SpanProcessor {
  readonly #mirror: MirrorSpanProcessor | undefined;
  readonly #pipe: PostHogPipe | undefined;
  readonly #courier: Courier | undefined;
  readonly #ledger = new Ledger();
  readonly #budgetMs: number;
  #unobserve: (() => void) | undefined;

  constructor(options: PostHogMirrorOptions = {}) {
    const configuration = readConfiguration(
      {
        ...options,
        tier: options.tier ?? Tier.Common,
        capture: true,
        posthog: { enabled: true, ...options.posthog },
      },
      process.env,
    );
    this.#budgetMs = configuration.shutdownTimeoutMs;
    const gate = configuration.gates.posthog;
    if (!gate.on) {
      diag.info(`land-telemetry: the mirror does nothing: ${gate.reason}.`);
      return;
    }
    const redactor = createRedactor(configuration.privacy, localUser());
    const { pipe, courier } = createPostHogPipe(configuration, redactor, this.#ledger, undefined);
    const identity = {
      tier: configuration.tier,
      app: configuration.app,
      distinctId: configuration.posthog.distinctId,
    };
    this.#pipe = pipe;
    this.#courier = courier;
    this.#unobserve = observeProcessEnd(
      {
        onSignal: () => pipe.spill(),
        onEnding: async (budgetMs) => {
          await pipe.release();
          await courier.flush(budgetMs);
          courier.letGo();
        },
        onExit: () => {
          pipe.spill();
          courier.closeNow();
        },
      },
      configuration.processHooks,
      configuration.shutdownTimeoutMs,
    );
    this.#mirror = new MirrorSpanProcessor({
      identity,
      selection: configuration.mirror,
      sink: pipe,
      exceptions: configuration.posthog.errorTracking
        ? new ExceptionReporter(identity, pipe, redactor)
        : undefined,
      tierOf: (span) => tierOf(span) ?? identity.tier,
      forceFlush: () => pipe.release(),
      shutdown: () => pipe.release(),
    });
  }

  onStart(span: Span): void {
    this.#mirror?.onStart(span);
  }

  onEnding(span: Span): void {
    this.#mirror?.onEnding(span);
  }

  onEnd(span: ReadableSpan): void {
    this.#mirror?.onEnd(span);
  }

  /** The ledger of this processor's events. */
  stats(): PipeStats {
    return this.#ledger.stats();
  }

  /** Resolves when what is pending is delivered, spooled or dropped; never rejects. */
  async forceFlush(): Promise<void> {
    await this.#pipe?.release();
  }

  /** Sends or spools what is pending, within `shutdownTimeoutMs`; never rejects. */
  async shutdown(): Promise<void> {
    void this.#pipe?.release();
    this.#pipe?.close();
    await this.#courier?.close(this.#budgetMs);
    this.#unobserve?.();
  }
}

/** A host's provider can serve several tiers, each with a resource of its own. */
function tierOf(span: ReadableSpan): string | undefined {
  const tier = span.resource.attributes[ATTR_LAND_TIER];
  return typeof tier === "string" ? tier : undefined;
}
