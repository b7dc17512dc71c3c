import { ROOT_CONTEXT, trace } from "@opentelemetry/api";

/**
 * A span processor that keeps the context of the session's span. The first process of a run has no parent that could
 * pass it a context, so each thing it starts at boot would be a separate trace; below the session they are one trace.
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
