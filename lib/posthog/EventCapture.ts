import type { Span, SpanContext } from "@opentelemetry/api";
import { context, isSpanContextValid, trace } from "@opentelemetry/api";
import { describeFailure } from "../failures/describeFailure.js";
import { countedMark, formatMark, markCounted } from "../failures/mark.js";
import { rememberCountedText } from "../failures/settleFailure.js";
import { rustArch, rustOs } from "../resource/platformNames.js";
import { isObject } from "../shared/isObject.js";
import { randomUuid } from "../shared/builtins.js";
import type { EventIdentity } from "./EventIdentity.js";
import { eventProperties } from "./eventProperties.js";
import { eventUuid } from "./eventUuid.js";
import type { ExceptionReporter } from "./ExceptionReporter.js";
import type { EventSink } from "./MirrorEvent.js";

type Properties = Readonly<Record<string, unknown>>;

/** Trace and span id of an error that was counted outside any span. */
const NO_TRACE = "0".repeat(32);
const NO_SPAN = "0".repeat(16);

/** Events that are captured by a call rather than mirrored from a span. */
export class EventCapture {
  readonly #identity: EventIdentity;
  readonly #sink: EventSink;

  readonly #exceptions: ExceptionReporter | undefined;

  constructor(identity: EventIdentity, sink: EventSink, exceptions: ExceptionReporter | undefined) {
    this.#identity = identity;
    this.#sink = sink;
    this.#exceptions = exceptions;
  }

  event(name: string, properties: Properties = {}): void {
    if (this.#sink.admit(name, undefined)) this.#send(name, properties, false);
  }

  error(tag: string, failure: unknown, properties: Properties = {}): void {
    if (countedMark(failure) !== undefined) return;
    const span = validContext(activeSpan());
    const mark = formatMark(span?.traceId ?? NO_TRACE, span?.spanId ?? NO_SPAN);
    markCounted(failure, mark);
    // Protocols that answer with a text lose the Error; the span around it then knows the failure by what it says.
    if (span !== undefined && isObject(failure))
      rememberCountedText(span.spanId, describeFailure(failure).message, mark);
    const name = `land:${this.#identity.tier}:error`;
    if (!this.#sink.admit(name, tag)) return;
    const { message } = describeFailure(failure);
    this.#send(name, { ...properties, error_tag: tag, error_message: message }, true);
    const { tier, distinctId } = this.#identity;
    this.#exceptions?.report({
      failure,
      tier,
      distinctId,
      timestamp: new Date().toISOString(),
      span,
      mirrored: false,
    });
  }

  /** The session start of a process whose spans a host's own provider makes; identified as its mirror would. */
  session(event: string, span: Span): void {
    const spanContext = validContext(span);
    const uuid =
      spanContext === undefined
        ? randomUuid()
        : eventUuid(spanContext.traceId, spanContext.spanId, event);
    this.#send(
      event,
      { pid: String(process.pid), os: rustOs(process.platform), arch: rustArch(process.arch) },
      true,
      span,
      uuid,
    );
  }

  /** An event about the pipe itself, which the throttle must not hold back. */
  report(name: string, properties: Properties): void {
    this.#send(name, properties, false);
  }

  #send(
    event: string,
    properties: Properties,
    urgent: boolean,
    span = activeSpan(),
    uuid: string = randomUuid(),
  ): void {
    const { tier, distinctId } = this.#identity;
    this.#sink.send({
      event,
      distinctId,
      properties: eventProperties(this.#identity, tier, validContext(span), properties),
      timestamp: new Date().toISOString(),
      uuid,
      urgent,
    });
  }
}

function activeSpan(): Span | undefined {
  return trace.getSpan(context.active());
}

/** The no-op tracer's spans have ids of zeros, which name nothing. */
function validContext(span: Span | undefined): SpanContext | undefined {
  const spanContext = span?.spanContext();
  return spanContext !== undefined && isSpanContextValid(spanContext) ? spanContext : undefined;
}
