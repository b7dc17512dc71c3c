import type { Redactor } from "../redaction/Redactor.js";
import type { EventIdentity } from "./EventIdentity.js";
import { ExceptionReporter } from "./ExceptionReporter.js";
import type { EventSink } from "./MirrorEvent.js";

/** What sends `$exception`, for those who asked for error tracking. */
export function createExceptionReporter(
  identity: EventIdentity,
  sink: Pick<EventSink, "send">,
  redactor: Redactor,
): ExceptionReporter {
  return new ExceptionReporter(identity, sink, redactor);
}
