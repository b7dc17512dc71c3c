import type { SpanContext } from "@opentelemetry/api";
import { activeSpanContext } from "../shared/activeSpanContext.js";
import { attempt } from "../shared/attempt.js";
import { globalState } from "../shared/globalState.js";

/**
 * The trace that an event captured now would name: the active span's context or, outside any span, that of the
 * session start's span, which ties such events together. For log lines and messages to users. Undefined without
 * `register`, and in the first turn of the event loop, before the session start is made. Never throws.
 */
export function currentTrace(): SpanContext | undefined {
  return attempt(activeSpanContext) ?? globalState().runtime?.sessionTrace;
}
