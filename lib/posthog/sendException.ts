import type { SpanContext } from "@opentelemetry/api";
import {
  createStackParser,
  ErrorCoercer,
  ErrorPropertiesBuilder,
  EventCoercer,
  nodeStackLineParser,
  ObjectCoercer,
  PrimitiveCoercer,
  StringCoercer,
} from "@posthog/core/error-tracking";
import { describeFailure } from "../failures/describeFailure.js";
import type { Redactor } from "../redaction/Redactor.js";
import { randomUuid } from "../shared/builtins.js";
import { attempt } from "../shared/attempt.js";
import { isObject } from "../shared/isObject.js";
import type { EventContext } from "./PostHogEvent.js";
import { eventProperties, eventUuid } from "./PostHogEvent.js";
import { readMember } from "../shared/readMember.js";

const EVENT = "$exception";
/** Causes that are followed; a longer chain is hostile or circular. */
const MAX_DEPTH = 8;
/** Failures of one event, causes and aggregated errors together. A failure that is met again is not copied again. */
const MAX_FAILURES = 32;
/** Errors of one AggregateError that are kept. */
const MAX_ERRORS = 16;

/** A failure that was counted as an event, as far as it is known. */
export interface CountedFailure {
  /** The thrown value, or what its exception event says of it. */
  readonly failure: unknown;
  readonly tier: string;
  readonly distinctId: string;
  readonly timestamp: string;
  /** The span that the failure belongs to. */
  readonly span: SpanContext | undefined;
  /** Whether it is the one failure of that span; otherwise others may have been captured within it. */
  readonly mirrored: boolean;
}

/**
 * Sends PostHog's own `$exception` beside a `land:<tier>:error`, for its Error Tracking to group. Its builder is not
 * imported late, as posthog-node is: the event has to be on disk before the call returns.
 */
export function sendException(
  { configuration, redactor, pipe }: EventContext,
  counted: CountedFailure,
): void {
  const { failure, tier, distinctId, timestamp, span, mirrored } = counted;
  let properties: Record<string, unknown>;
  try {
    properties = exceptionProperties(redactedFailure(failure, redactor));
  } catch {
    // The error object is hostile; its `land:<tier>:error` was sent all the same.
    return;
  }
  pipe.send({
    event: EVENT,
    distinctId,
    properties: eventProperties(configuration, tier, span, properties),
    timestamp,
    uuid: mirrored && span !== undefined ? eventUuid(span, EVENT) : randomUuid(),
    urgent: true,
  });
}

/**
 * The error, its causes and its aggregated errors, each with parsed frames. Built by PostHog's own parser, without
 * the step of posthog-node's that reads source files and adds their lines.
 */
function exceptionProperties(failure: unknown): Record<string, unknown> {
  const builder = new ErrorPropertiesBuilder(
    [
      new EventCoercer(),
      new ErrorCoercer(),
      new ObjectCoercer(),
      new StringCoercer(),
      new PrimitiveCoercer(),
    ],
    createStackParser("node:javascript", nodeStackLineParser),
  );
  const mechanism = { handled: true, type: "generic" } as const;
  return { ...builder.buildFromUnknown(failure, { mechanism }), $exception_level: "error" };
}

/**
 * A copy of a failure, its causes and its aggregated errors, with redacted messages and stacks. Frames are parsed
 * out of the copy: a stack is redacted as a stack, with its file names kept, and a parser that takes a path apart
 * cannot bring anything back.
 */
export function redactedFailure(
  failure: unknown,
  redactor: Redactor,
  seen = new Set<unknown>(),
  depth = 0,
): unknown {
  if (!isObject(failure)) return redactor.value(failure);
  seen.add(failure);
  const { type, message, stack } = describeFailure(failure);
  const text = redactor.text(message);
  // The first of those that share a cause or an error has it; the sum is bounded, not only the depth and the width.
  const isNew = (inner: unknown): boolean =>
    inner !== undefined && !seen.has(inner) && seen.size < MAX_FAILURES && depth < MAX_DEPTH;
  const copyOf = (inner: unknown): unknown => redactedFailure(inner, redactor, seen, depth + 1);
  const errors = readMember(failure, "errors");
  const list = attempt(() => (Array.isArray(errors) ? errors.slice(0, MAX_ERRORS) : undefined));
  const copy =
    list === undefined
      ? new Error(text)
      : new AggregateError(
          list.flatMap((error) => (isNew(error) ? [copyOf(error)] : [])),
          text,
        );
  // PostHog groups by the class of an error, so a `code` does not stand for it here.
  const name = readMember(failure, "name");
  copy.name = typeof name === "string" && name !== "" ? name : type;
  copy.stack = stack === undefined ? `${copy.name}: ${copy.message}` : redactor.text(stack);
  const cause = readMember(failure, "cause");
  if (isNew(cause)) copy.cause = copyOf(cause);
  return copy;
}
