import type {
  CoercingContext,
  Exception,
  ExceptionLike,
  Platform,
  StackFrame,
} from "@posthog/core/error-tracking";
import {
  createStackParser,
  ErrorPropertiesBuilder,
  getInjectedReleaseId,
  nodeStackLineParser,
} from "@posthog/core/error-tracking";
import type { ErrorOrigin } from "../config/TelemetryOptions.js";
import type { ExplainedFailure } from "../failures/explainFailure.js";
import type { Redactor } from "../redaction/Redactor.js";
import { REDACTED } from "../redaction/ValueCopier.js";
import { attempt } from "../shared/attempt.js";
import { isObject } from "../shared/isObject.js";
import { isHandled } from "./errorDetails.js";

/** Ids of releases and chunks are UUIDs or hashes; anything else is redacted like any other string. */
const ID = /^[\w-]{1,64}$/;

/** The mechanism types that posthog-node's own hooks give to uncaught errors and unhandled rejections. */
const MECHANISMS: Readonly<Partial<Record<ErrorOrigin, string>>> = {
  uncaughtException: "onuncaughtexception",
  unhandledRejection: "onunhandledrejection",
};

/** The properties that have to be derived from the original failure, with each string redacted afterwards. */
export function exceptionProperties(
  failure: ExplainedFailure,
  origin: ErrorOrigin,
  redactor: Redactor,
): Record<string, unknown> {
  const mechanism = { handled: isHandled(origin), type: MECHANISMS[origin] ?? "generic" };
  const hint = { mechanism, skipFirstLines: 0 };
  const { $exception_list: list } = builder().buildFromUnknown(failure, hint);
  const release = getInjectedReleaseId();
  return {
    $exception_list: list.map((exception) => redactException(exception, redactor)),
    ...(release === undefined ? {} : { $release_id: redactId(release, redactor) }),
  };
}

let made: ErrorPropertiesBuilder | undefined;

/**
 * PostHog's own builder and parser, which decide from the original what a frame is, whether it is the application's and
 * which chunk it belongs to, but without the step in which posthog-node reads source files and adds their lines.
 */
function builder(): ErrorPropertiesBuilder {
  return (made ??= new ErrorPropertiesBuilder(
    [{ match: isExplained, coerce: toException }],
    createStackParser("node:javascript", parseLine),
  ));
}

function isExplained(input: unknown): input is ExplainedFailure {
  return isObject(input);
}

function toException(failure: ExplainedFailure, { next }: CoercingContext): ExceptionLike {
  const { type, message, stack, isError } = failure;
  const cause = failure.cause && next(failure.cause);
  // The builder appends these, although its type does not say so.
  const members = { errors: failure.members.map((member) => next(member)) };
  return {
    type,
    value: message,
    synthetic: !isError,
    // PostHog groups by the message if there is no stack at all, and by the class alone if the stack has no frame.
    ...(stack === undefined ? {} : { stack: stack || "\n" }),
    ...(cause === undefined ? {} : { cause }),
    ...members,
  };
}

/** A frame and the line that it was parsed from. */
interface ReadFrame extends StackFrame {
  readonly line?: string;
}

/** Undefined for a line whose file name cannot be decoded, so that only this line is lost. */
const parseLine = (line: string, platform: Platform): ReadFrame | undefined => {
  const frame = attempt(() => nodeStackLineParser(line, platform));
  return frame && { ...frame, line };
};

function redactException(exception: Exception, redactor: Redactor): Exception {
  const { type = "", value = "", stacktrace } = exception;
  return {
    ...exception,
    type: redactor.text(type),
    value: redactor.text(value),
    ...(stacktrace && {
      stacktrace: {
        ...stacktrace,
        frames: (stacktrace.frames ?? []).map((frame) => redactFrame(frame, redactor)),
      },
    }),
  };
}

/**
 * Parses the strings of a frame again from its redacted line, because redaction does not recognise a path that has been
 * taken apart. Whatever cannot be parsed then becomes `<redacted>`.
 */
function redactFrame({ line = "", ...frame }: ReadFrame, redactor: Redactor): StackFrame {
  const { platform, filename, chunk_id: chunk } = frame;
  const readable = parseLine(redactor.text(line), platform);
  return {
    ...frame,
    ...(filename && { filename: redactor.text(readable?.filename ?? REDACTED) }),
    function: redactor.text(readable?.function ?? REDACTED),
    ...(chunk && { chunk_id: redactId(chunk, redactor) }),
  };
}

function redactId(id: unknown, redactor: Redactor): string {
  const text = String(id);
  return ID.test(text) ? text : redactor.text(text);
}
