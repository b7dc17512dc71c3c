import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import {
  ATTR_ERROR_TYPE,
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_TYPE,
} from "@opentelemetry/semantic-conventions";
import { ATTR_LAND_ERROR_TAG } from "../resource/semanticConventions.js";

/** The tag and message of a failed span, chosen in the order of precedence that the dashboards were built on. */
export function errorProperties(span: ReadableSpan): {
  readonly error_tag: string;
  readonly error_message: string;
} {
  const exception = lastException(span);
  return {
    error_tag:
      textOf(span.attributes[ATTR_ERROR_TYPE]) ||
      textOf(exception[ATTR_EXCEPTION_TYPE]) ||
      span.name,
    error_message: textOf(exception[ATTR_EXCEPTION_MESSAGE]) || textOf(span.status.message),
  };
}

/** The last exception that the span failed with. One that was captured in it was handled, and is counted separately. */
export function lastException(span: ReadableSpan): Readonly<Record<string, unknown>> {
  const isOwn = ({ name, attributes }: ReadableSpan["events"][number]): boolean =>
    name === "exception" && attributes?.[ATTR_LAND_ERROR_TAG] === undefined;
  return span.events.findLast(isOwn)?.attributes ?? {};
}

/** The value if it is a string, else the empty string. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
