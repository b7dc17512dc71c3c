import { ROOT_CONTEXT, trace } from "@opentelemetry/api";

/**
 * A span processor that keeps the context of the session's span. The first process of a run has no parent to hand
 * it one, so what it starts at boot would each be a trace of its own; below the session they are one.
 */
export class SessionContext {
  context = ROOT_CONTEXT;

  onStart(span) {
    if (span.name.endsWith(":session:start")) this.context = trace.setSpan(ROOT_CONTEXT, span);
  }

  onEnd() {}

  async forceFlush() {}

  async shutdown() {}
}
