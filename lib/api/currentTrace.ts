import type { SpanContext } from "@opentelemetry/api";
import { activeSpanContext } from "../shared/activeSpanContext.js";
import { attempt } from "../shared/attempt.js";
import { globalState } from "../shared/globalState.js";

/**
 * The trace that an event captured now would name: the active span's context, else that of the session start's span, by
 * which events outside of any span are found together. For log lines and messages to people. Undefined without
 * `register`, and before the session start is made, in the first turn of the event loop. Never throws.
 */
export function currentTrace(): SpanContext | undefined {
  return attempt(activeSpanContext) ?? globalState().runtime?.sessionTrace;
}
