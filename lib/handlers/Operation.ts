import type { Context, Span } from "@opentelemetry/api";
import { context } from "@opentelemetry/api";
import { closeFailed } from "../failures/recordFailure.js";
import { endQuietly } from "../shared/quietSpan.js";

/** One run of a handler: its span, the context it runs in, and its end, which happens once. */
export class Operation {
  private over = false;

  constructor(
    private readonly span: Span,
    /** The context of the handler, with the span active. */
    readonly context: Context,
    /** Told whether the run went well; one that was cancelled did not, though nothing failed either. */
    private readonly onEnd: ((ok: boolean) => void) | undefined,
  ) {}

  /** Runs a piece of the handler's own work in the handler's context. */
  run<T>(work: () => T): T {
    return context.with(this.context, work);
  }

  succeed(): void {
    if (this.over) return;
    this.over = true;
    endQuietly(this.span);
    this.onEnd?.(true);
  }

  fail(failure: unknown): void {
    if (this.over) return;
    this.over = true;
    closeFailed(this.span, failure, this.context);
    this.onEnd?.(false);
  }
}
