import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import {
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
} from "@opentelemetry/semantic-conventions";
import { globalState } from "../shared/globalState.js";
import { errorProperties } from "./spanToEvent.js";

/** What a failed span was thrown: the value itself where it was seen, else an error made of what the span says. */
export function failureOfSpan(span: ReadableSpan): unknown {
  const { spanFailures } = globalState();
  if (spanFailures.has(span)) return spanFailures.get(span);
  const exception = span.events.findLast((event) => event.name === "exception")?.attributes;
  const { error_tag: tag, error_message: message } = errorProperties(span);
  const type = exception?.[ATTR_EXCEPTION_TYPE];
  const stack = exception?.[ATTR_EXCEPTION_STACKTRACE];
  const error = new Error(message);
  error.name = typeof type === "string" ? type : tag;
  error.stack = typeof stack === "string" ? stack : `${error.name}: ${message}`;
  return error;
}
