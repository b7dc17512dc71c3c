import { readConfiguration } from "../config/readConfiguration.js";
import type { TelemetryOptions } from "../config/TelemetryOptions.js";
import { DeliveryStats } from "../delivery/DeliveryStats.js";
import { clearOptedOut } from "../delivery/disk/spoolPaths.js";
import { observeProcessEnd } from "../delivery/processHooks.js";
import { createRedactor } from "../redaction/createRedactor.js";
import { localUser, newSessionId } from "../resource/identity.js";
import { Tier } from "../resource/Tier.js";
import { globalState } from "../shared/globalState.js";
import type { PipeStats } from "../shared/Stats.js";
import { clearInterval, setInterval } from "../shared/timers.js";
import { EventCapture } from "./EventCapture.js";
import { ERROR_WINDOW_MS } from "./EventThrottle.js";
import { MirrorSpanProcessor } from "./MirrorSpanProcessor.js";
import { PostHogPipe } from "./PostHogPipe.js";
import { report } from "../shared/report.js";

/** Options of the mirror for a host's own provider; all optional, with the variables and defaults of `register`. */
export interface PostHogMirrorOptions extends Pick<
  TelemetryOptions,
  | "app"
  | "posthog"
  | "mirror"
  | "ignoreErrors"
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
 * it uses only their interfaces.
 *
 * Creating one turns the pipe on, so no variable is needed. `Capture=false`, `Report=false` and `enabled: false` still
 * turn it off, and without a key it does nothing. It does not see spans that the host's sampler leaves out.
 */
export class PostHogMirrorSpanProcessor extends MirrorSpanProcessor {
  readonly #pipe: PostHogPipe | undefined;
  readonly #stats: DeliveryStats;
  readonly #budgetMs: number;
  #reportThrottled: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  #removeHooks: (() => void) | undefined;

  constructor(options: PostHogMirrorOptions = {}) {
    const implied = { tier: Tier.Common, capture: true, posthog: { enabled: true } };
    const configuration = readConfiguration(options as TelemetryOptions, process.env, implied);
    const { gates, privacy, processHooks, shutdownTimeoutMs } = configuration;
    const redactor = createRedactor(privacy, localUser());
    const stats = new DeliveryStats();
    const sessionId = globalState().runtime?.sessionId ?? newSessionId();
    const parts = { configuration, redactor, sessionId };
    const context = gates.posthog.on
      ? { ...parts, pipe: new PostHogPipe({ ...parts, stats, recorder: undefined }) }
      : undefined;
    super(context);
    this.#pipe = context?.pipe;
    this.#stats = stats;
    this.#budgetMs = shutdownTimeoutMs;
    if (context === undefined) {
      report("info", `the mirror does nothing: ${gates.posthog.reason}.`);
      if (gates.posthog.optedOut) clearOptedOut(configuration);
      return;
    }
    const { pipe } = context;
    const { queue } = pipe;
    const capture = new EventCapture(context);
    this.#reportThrottled = () => {
      const held = pipe.takeThrottleReport();
      if (held !== undefined)
        capture.report(`land:${configuration.tier}:throttle-dropped`, { ...held });
    };
    this.#timer = setInterval(this.#reportThrottled, ERROR_WINDOW_MS).unref();
    this.#removeHooks = observeProcessEnd(
      {
        onSignal: () => {
          pipe.store();
          queue.persistPending();
        },
        onEnding: async (budgetMs) => {
          this.#reportThrottled();
          void pipe.release();
          await queue.flush(budgetMs);
          queue.cancelLookups();
        },
        onExit: () => {
          this.#reportThrottled();
          pipe.store();
          queue.closeNow();
        },
      },
      processHooks,
      shutdownTimeoutMs,
    );
  }

  /** The counts of this processor's events, as in the ledger of `stats()`. */
  stats(): PipeStats {
    return this.#stats.snapshot();
  }

  /** Sends or spools what is pending, within `shutdownTimeoutMs`. Never rejects. */
  override async shutdown(): Promise<void> {
    this.#reportThrottled();
    clearInterval(this.#timer);
    void this.#pipe?.release();
    this.#pipe?.close();
    await this.#pipe?.queue.close(this.#budgetMs);
    this.#removeHooks?.();
  }
}
