import type { Attributes, Exception, SpanKind, SpanStatus, TimeInput } from "@opentelemetry/api";
import { ROOT_CONTEXT } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import type { EventIdentity } from "../../lib/posthog/EventIdentity.js";
import type { EventSink, MirrorEvent } from "../../lib/posthog/MirrorEvent.js";

export const IDENTITY: EventIdentity = {
  tier: "cocoon",
  app: { name: "app", version: "1.2.3", buildMode: "release" },
  distinctId: "someone",
};

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

/** Where events go, with a throttle that holds back what it is told to. */
export class Sink implements EventSink {
  readonly sent: MirrorEvent[] = [];
  readonly asked: [string, string | undefined][] = [];
  admits = true;

  admit(event: string, fingerprint: string | undefined): boolean {
    this.asked.push([event, fingerprint]);
    return this.admits;
  }

  send(event: MirrorEvent): void {
    this.sent.push(event);
  }
}
