import type { Attributes, Context, Span, SpanContext, Tracer } from "@opentelemetry/api";
import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { validContext } from "../shared/activeSpanContext.js";
import { endQuietly, startQuietly } from "../shared/quietSpan.js";
import type { Stats } from "../shared/Stats.js";

/** The span of a session start, and the span that ends the session. A host's sampler or processor may throw in both. */
export class SessionSpans {
  readonly #tracer: Tracer;
  readonly #tier: string;
  readonly #parent: Context;
  readonly #began: number;
  #start: Span | undefined;
  #ended = false;

  /**
   * @param parent What the parent process handed over; the start is its child, and nothing else is.
   * @param began When the tier registered, as `performance.now()` has it.
   */
  constructor(tracer: Tracer, tier: string, parent: Context, began: number) {
    this.#began = began;
    this.#tracer = tracer;
    this.#tier = tier;
    this.#parent = parent;
  }

  /** The context of the start's span, once that is made. */
  get trace(): SpanContext | undefined {
    return validContext(this.#start);
  }

  /** Makes the span `land:<tier>:session:start`, from the process's start to when the tier registered: the boot time. */
  start(): Span {
    const name = `land:${this.#tier}:session:start`;
    const span = startQuietly(this.#tracer, name, { startTime: processStart() }, this.#parent);
    this.#start = span;
    endQuietly(span, processStart() + this.#began);
    return span;
  }

  /** Makes the span `land:<tier>:session:end`, once, with the counts as they stand. */
  end(stats: Stats): void {
    if (this.#ended) return;
    this.#ended = true;
    const parent =
      this.#start === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, this.#start);
    const options = { attributes: countAttributes(stats) };
    endQuietly(startQuietly(this.#tracer, `land:${this.#tier}:session:end`, options, parent));
  }
}

/** `performance.timeOrigin` is the start of the process by the wall clock, to the microsecond. */
function processStart(): number {
  return performance.timeOrigin;
}

/** The counts as span attributes, `land.ledger.<pipe>.<state>`. */
function countAttributes(stats: Stats): Attributes {
  const attributes: Attributes = {};
  for (const pipe of ["posthog", "otlp"] as const) {
    const { dropped, ...states } = stats[pipe];
    for (const [state, count] of Object.entries(states))
      attributes[`land.ledger.${pipe}.${state}`] = count;
    for (const [reason, count] of Object.entries(dropped))
      attributes[`land.ledger.${pipe}.dropped.${reason}`] = count;
  }
  return attributes;
}
