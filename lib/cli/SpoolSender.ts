import type { Configuration } from "../config/Configuration.js";
import { DeliveryStats } from "../delivery/DeliveryStats.js";
import { FlightRecorder } from "../FlightRecorder.js";
import { PostHogPipe } from "../posthog/PostHogPipe.js";
import { createRedactor } from "../redaction/createRedactor.js";
import { localUser, newSessionId } from "../resource/identity.js";
import type { WatchableChild } from "../shared/Runtime.js";
import type { Pipe } from "../shared/Stats.js";
import { createOtlpPipe } from "../tracing/createOtlpPipe.js";
import type { SpoolingSpanProcessor } from "../tracing/SpoolingSpanProcessor.js";

/** Numbers of spans or events of one pipe, by outcome; `off` says why nothing was sent. */
export interface Sent {
  readonly pipe: Pipe;
  readonly off: string | undefined;
  readonly delivered: number;
  readonly dropped: number;
  readonly left: number;
}

/**
 * Sends what dead processes left for the configured destinations: the spans and events in the spool, the spans that
 * were open, and how the processes ended. Live processes send their own.
 */
export class SpoolSender {
  readonly #configuration: Configuration;
  readonly #pipes: readonly Pipe[];
  readonly #stats = { posthog: new DeliveryStats(), otlp: new DeliveryStats() };
  readonly #posthog: PostHogPipe | undefined;
  readonly #otlp: SpoolingSpanProcessor | undefined;
  readonly #recorder: FlightRecorder | undefined;

  constructor(configuration: Configuration, pipes: readonly Pipe[]) {
    this.#configuration = configuration;
    this.#pipes = pipes;
    const redactor = createRedactor(configuration.privacy, localUser());
    const own = { configuration, redactor, recorder: undefined, sessionId: newSessionId() };
    const isOn = (pipe: Pipe): boolean => pipes.includes(pipe) && configuration.gates[pipe].on;
    const { posthog: ofEvents, otlp: ofSpans } = this.#stats;
    if (isOn("posthog")) this.#posthog = new PostHogPipe({ ...own, stats: ofEvents });
    if (isOn("otlp")) this.#otlp = createOtlpPipe({ ...own, stats: ofSpans });
    const events = this.#posthog && { ...own, pipe: this.#posthog };
    this.#recorder = FlightRecorder.of({ ...own, otlp: this.#otlp, events });
  }

  /** Observes how a child process that was just started ends. */
  watch(child: WatchableChild): void {
    this.#recorder?.watchChild(child);
  }

  /** Sends what was left and closes this sender. `timeoutMs` applies to each pipe. */
  async send(timeoutMs: number): Promise<readonly Sent[]> {
    const late = await this.#recorder?.load();
    await late?.adopt();
    this.#recorder?.close();
    await this.#posthog?.release();
    const queues = { posthog: this.#posthog?.queue, otlp: this.#otlp?.queue };
    return Promise.all(
      this.#pipes.map(async (pipe) => {
        const { on, reason } = this.#configuration.gates[pipe];
        await queues[pipe]?.flush(timeoutMs);
        const { delivered, spooled, pending } = this.#stats[pipe].snapshot();
        const { dropped } = this.#stats[pipe].totals();
        await queues[pipe]?.close(0);
        return { pipe, off: on ? undefined : reason, delivered, dropped, left: spooled + pending };
      }),
    );
  }
}
