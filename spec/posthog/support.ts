import type { Attributes, Exception, SpanKind, SpanStatus, TimeInput } from "@opentelemetry/api";
import { ROOT_CONTEXT } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import type { Configuration } from "../../lib/config/Configuration.js";
import { readConfiguration } from "../../lib/config/readConfiguration.js";
import type { PostHogOptions, TelemetryOptions } from "../../lib/config/TelemetryOptions.js";
import type { HandlerRun } from "../../lib/posthog/HandlerCompletions.js";
import type { EventContext, EventSink, PostHogEvent } from "../../lib/posthog/PostHogEvent.js";
import { createRedactor } from "../../lib/redaction/createRedactor.js";
import { Tier } from "../../lib/resource/Tier.js";

/** What `register` would read, with the PostHog pipe on and nothing written to disk. */
export function configure(
  posthog: PostHogOptions = {},
  options: Partial<TelemetryOptions> = {},
): Configuration {
  return readConfiguration(
    {
      tier: Tier.Cocoon,
      app: { name: "app", version: "1.2.3", buildMode: "release" },
      capture: true,
      posthog: { enabled: true, key: "phc_test", distinctId: "someone", ...posthog },
      spool: false,
      ...options,
    },
    {},
  );
}

export const CONFIGURATION = configure();
export const SESSION = "0194b2e8-7c3c-7b6e-8a0e-1f2d3c4b5a69";

/** The context in which events are made, with a sink that keeps them. */
export function contextOf(
  pipe: EventSink,
  configuration: Configuration = configure({ errorTracking: true }),
): EventContext {
  return { configuration, pipe, redactor: createRedactor({}), sessionId: SESSION };
}

export interface SpanParts {
  readonly name?: string;
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  readonly resource?: Attributes;
  readonly status?: SpanStatus;
  readonly exceptions?: readonly Exception[];
  readonly start?: TimeInput;
  readonly end?: TimeInput;
}

/** A span of the official SDK that has ended. */
export function ended({
  name = "work",
  kind,
  attributes = {},
  resource = {},
  status,
  exceptions = [],
  start,
  end,
}: SpanParts = {}): ReadableSpan {
  const tracer = new BasicTracerProvider({ resource: resourceFromAttributes(resource) }).getTracer(
    "spec",
  );
  const span = tracer.startSpan(
    name,
    {
      attributes,
      ...(kind === undefined ? {} : { kind }),
      ...(start === undefined ? {} : { startTime: start }),
    },
    ROOT_CONTEXT,
  );
  for (const exception of exceptions) span.recordException(exception);
  if (status !== undefined) span.setStatus(status);
  span.end(end);
  return span as unknown as ReadableSpan;
}

/** Keeps the events sent to it; its throttle holds them back unless `admits` is set. */
export class Sink implements EventSink {
  readonly sent: PostHogEvent[] = [];
  readonly asked: [string, string | undefined][] = [];
  /** What the host's rules make of errors with these tags; undefined if they are ignored. */
  readonly tags = new Map<string, string | undefined>();
  admits = true;

  admit(event: string, fingerprint: string | undefined): boolean {
    this.asked.push([event, fingerprint]);
    return this.admits;
  }

  admitRun({ event }: HandlerRun): boolean {
    return this.admit(event, undefined);
  }

  tagOf(_error: unknown, tag: string): string | undefined {
    return this.tags.has(tag) ? this.tags.get(tag) : tag;
  }

  send(event: PostHogEvent): void {
    this.sent.push(event);
  }

  release(): Promise<void> {
    return Promise.resolve();
  }
}
