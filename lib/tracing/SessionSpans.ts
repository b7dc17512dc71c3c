import type { Attributes, Context, Span, SpanContext, Tracer } from "@opentelemetry/api";
import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { validContext } from "../shared/activeSpanContext.js";
import { endQuietly, startQuietly } from "../shared/quietSpan.js";
import type { Stats } from "../shared/Stats.js";

/** Makes the spans for the start and the end of a session. In both, a sampler or processor of the host may throw. */
export class SessionSpans {
  readonly #tracer: Tracer;
  readonly #tier: string;
  readonly #parent: Context;
  readonly #began: number;
  #start: Span | undefined;
  #ended = false;

  /**
   * @param parent The context from the parent process; only the start span becomes its child.
   * @param began When the tier registered, as a reading of `performance.now()`.
   */
  constructor(tracer: Tracer, tier: string, parent: Context, began: number) {
    this.#began = began;
    this.#tracer = tracer;
    this.#tier = tier;
    this.#parent = parent;
  }

  /** The context of the start span; undefined until that is made. */
  get trace(): SpanContext | undefined {
    return validContext(this.#start);
  }

  /** Makes the span `land:<tier>:session:start`, from process start until the tier registered: the boot time. */
  start(): Span {
    const name = `land:${this.#tier}:session:start`;
    const span = startQuietly(this.#tracer, name, { startTime: processStart() }, this.#parent);
    this.#start = span;
    endQuietly(span, processStart() + this.#began);
    return span;
  }

  /** Makes the span `land:<tier>:session:end` with the given counts, on the first call only. */
  end(stats: Stats): void {
    if (this.#ended) return;
    this.#ended = true;
    const parent =
      this.#start === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, this.#start);
    const options = { attributes: countAttributes(stats) };
    endQuietly(startQuietly(this.#tracer, `land:${this.#tier}:session:end`, options, parent));
  }
}

/** `performance.timeOrigin` is the start of the process in wall-clock time, to the microsecond. */
function processStart(): number {
  return performance.timeOrigin;
}

/** The counts as span attributes: `land.ledger.<pipe>.<state>`, and `land.ledger.<pipe>.dropped.<reason>`. */
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
