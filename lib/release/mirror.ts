import type { ReadableSpan, Span } from "@opentelemetry/sdk-trace-base";
import type { PipeStats } from "../shared/Stats.js";
import type {
  PostHogMirrorOptions,
  PostHogMirrorSpanProcessor as Full,
} from "../posthog/PostHogMirrorSpanProcessor.js";

/** A span processor that does nothing. */
export class PostHogMirrorSpanProcessor implements Pick<Full, keyof Full> {
  constructor(options?: PostHogMirrorOptions);
  // eslint-disable-next-line @typescript-eslint/no-useless-constructor -- needed for its signature
  constructor() {
    // Nothing to set up.
  }

  onStart(span: Span): void;
  onStart(): void {
    // Nothing to do.
  }

  onEnding(span: Span): void;
  onEnding(): void {
    // Nothing to do.
  }

  onEnd(span: ReadableSpan): void;
  onEnd(): void {
    // Nothing to do.
  }

  /** Returns zeros: nothing is counted. */
  stats(): PipeStats {
    return { accepted: 0, delivered: 0, replayed: 0, dropped: {}, spooled: 0, pending: 0 };
  }

  /** Resolves: nothing is pending. */
  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  /** Resolves: nothing is pending. */
  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}
