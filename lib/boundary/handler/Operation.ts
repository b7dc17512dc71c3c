import type { Context, Span } from "@opentelemetry/api";
import { context } from "@opentelemetry/api";
import { closeFailed } from "../../failure/closeSpan.js";
import { endQuietly } from "../../shared/quietSpan.js";

/** How one run of a handler ended. Cancelled is neither: not ok, and not an error. */
export type Outcome = "ok" | "failed" | "cancelled";

/** One run of a handler: its span, the context it runs in, and its end, which happens once. */
export class Operation {
  private over = false;

  constructor(
    private readonly span: Span,
    /** The context of the handler, with the span active. */
    readonly context: Context,
    private readonly onEnd: ((outcome: Outcome) => void) | undefined,
  ) {}

  /** Runs a piece of the handler's own work in the handler's context. */
  run<T>(work: () => T): T {
    return context.with(this.context, work);
  }

  succeed(): void {
    if (this.over) return;
    this.over = true;
    endQuietly(this.span);
    this.onEnd?.("ok");
  }

  fail(failure: unknown): void {
    if (this.over) return;
    this.over = true;
    const failed = closeFailed(this.span, failure, this.context);
    this.onEnd?.(failed ? "failed" : "cancelled");
  }
}
