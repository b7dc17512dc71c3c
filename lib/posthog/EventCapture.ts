import type { Span, SpanContext } from "@opentelemetry/api";
import { INVALID_SPANID, INVALID_TRACEID } from "@opentelemetry/api";
import type { ErrorOrigin } from "../config/TelemetryOptions.js";
import { describeFailure } from "../failures/describeFailure.js";
import { explainFailure } from "../failures/explainFailure.js";
import { countedMark, formatMark, markCounted } from "../failures/mark.js";
import { rememberCountedText } from "../failures/settleFailure.js";
import { activeSpanContext, validContext } from "../shared/activeSpanContext.js";
import { attempt } from "../shared/attempt.js";
import { globalState } from "../shared/globalState.js";
import { randomUuid } from "../shared/builtins.js";
import { diagnoseSetting } from "../shared/diagnostics.js";
import { REDACTED } from "../redaction/ValueCopier.js";
import { readableMembers, readMember } from "../shared/readMember.js";
import { isObject } from "../shared/isObject.js";
import { errorDetails } from "./errorDetails.js";
import type { HandlerRun } from "./HandlerCompletions.js";
import type { EventContext, PostHogEvent } from "./PostHogEvent.js";
import { eventProperties, eventUuid, processProperties } from "./PostHogEvent.js";
import { sendException } from "./sendException.js";

type Properties = Readonly<Record<string, unknown>>;
/** The id of an event and the time of its capture. */
type Identity = Pick<PostHogEvent, "uuid" | "timestamp">;

/** Events that are captured by a call rather than mirrored from a span. */
export class EventCapture {
  readonly #context: EventContext;

  constructor(context: EventContext) {
    this.#context = context;
  }

  /** @param as The event's id and time, if they are already known. */
  event(name: string, properties?: Properties, as?: Identity): void {
    if (typeof (name as unknown) !== "string" || name === "") {
      diagnoseSetting("captureEvent name", name, "a string", "No event is sent.");
      return;
    }
    const { pipe } = this.#context;
    const own = ownOf(properties);
    const run = this.#runOf(name, own);
    const isAdmitted = run === undefined ? pipe.admit(name, undefined) : pipe.admitRun(run);
    if (isAdmitted) this.#send(name, own, false, activeSpanContext(), as);
  }

  error(
    given: string,
    failure: unknown,
    properties?: Properties,
    origin: ErrorOrigin = "captureError",
    as?: Identity,
  ): void {
    if (countedMark(failure) !== undefined) return;
    const { configuration, pipe, redactor, sessionId } = this.#context;
    const { message, type, stack } = describeFailure(failure);
    const isText = typeof (given as unknown) === "string";
    const tag = isText ? given : type;
    if (!isText) diagnoseSetting("captureError tag", given, "a string", `"${type}" is used.`);
    const span = activeSpanContext();
    const mark = formatMark(span?.traceId ?? INVALID_TRACEID, span?.spanId ?? INVALID_SPANID);
    const { tier, posthog } = configuration;
    const name = `land:${tier}:error`;
    const said = pipe.tagOf(failure, tag, origin);
    const isAdmitted = said !== undefined && pipe.admit(name, said);
    const isCalled = origin === "captureError" && stack === undefined;
    const explained = isAdmitted
      ? explainFailure(failure, isCalled ? callSite() : undefined)
      : undefined;
    if (explained !== undefined) {
      const { properties: facts, redacted } = errorDetails(explained, origin, redactor);
      const own = { ...ownOf(properties), ...facts, error_tag: said, error_message: message };
      this.#send(name, own, true, span, { ...as, redacted });
    }
    // Not earlier: the error counts as reported only once it is in the ledger.
    markCounted(failure, mark);
    // Protocols that reply with a string lose the Error; the span around it then knows the failure by its message.
    if (span !== undefined && isObject(failure)) rememberCountedText(span.spanId, message, mark);
    if (explained === undefined || !posthog.errorTracking) return;
    sendException(this.#context, {
      failure: explained,
      origin,
      tier,
      sessionId,
      distinctId: posthog.distinctId,
      timestamp: new Date().toISOString(),
      span,
      mirrored: false,
    });
  }

  /** The session start under a host's own provider, with the id that a mirror on that provider would give it. */
  session(event: string, span: Span): void {
    const spanContext = validContext(span);
    const more = spanContext === undefined ? {} : { uuid: eventUuid(spanContext, event) };
    this.#send(event, processProperties(process.pid), true, spanContext, more);
  }

  /** An event about the pipe itself, which the throttle must not hold back. */
  report(name: string, properties: Properties): void {
    this.#send(name, properties, false, activeSpanContext());
  }

  /** The run that an event describes; undefined if it has further properties, which gathering would lose. */
  #runOf(event: string, properties: Properties): HandlerRun | undefined {
    if (!event.endsWith(":handler:complete")) return undefined;
    const { feature, duration_ms: durationMs, ok, cancelled = false, ...more } = properties;
    if (typeof feature !== "string" || typeof durationMs !== "number" || !(durationMs >= 0))
      return undefined;
    if (typeof ok !== "boolean" || typeof cancelled !== "boolean" || Object.keys(more).length > 0)
      return undefined;
    const { tier } = this.#context.configuration;
    return { event, tier, feature, durationMs, ok, cancelled, span: activeSpanContext() };
  }

  #send(
    event: string,
    properties: Properties,
    urgent: boolean,
    span: SpanContext | undefined,
    more?: Partial<Identity & Pick<PostHogEvent, "redacted">>,
  ): void {
    const { configuration, pipe } = this.#context;
    pipe.send({
      event,
      distinctId: configuration.posthog.distinctId,
      properties: eventProperties(this.#context, configuration.tier, span, properties),
      timestamp: new Date().toISOString(),
      uuid: randomUuid(),
      urgent,
      ...more,
    });
  }
}

/** The stack at the call of `captureError`; undefined without one, as when the host's formatting of stacks throws. */
function callSite(): string | undefined {
  const holder: { stack?: unknown } = {};
  const reporter = readMember(globalState().runtime, "captureError") as (() => void) | undefined;
  attempt(() => Error.captureStackTrace(holder, reporter));
  const stack = attempt(() => holder.stack);
  return typeof stack === "string" ? stack : undefined;
}

/** The caller's properties, each read separately in case a getter throws. */
function ownOf(properties: unknown): Properties {
  if (properties !== undefined && !isObject(properties))
    diagnoseSetting("properties", properties, "an object", "They are left out.");
  return readableMembers(properties, REDACTED);
}
