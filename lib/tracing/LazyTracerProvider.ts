import type {
  Context,
  Span,
  SpanOptions,
  Tracer,
  TracerOptions,
  TracerProvider,
} from "@opentelemetry/api";
import { INVALID_SPAN_CONTEXT, trace } from "@opentelemetry/api";

/** A provider with the methods that a host ends it by. */
export interface EndableProvider extends TracerProvider {
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/**
 * A provider that is made with its first span: making one takes longer than all else that a start does. Its tracers
 * may be asked for, and kept, before. Where it cannot be made spans are those of no provider, and the next one tries
 * again.
 */
export class LazyTracerProvider implements EndableProvider {
  readonly #create: () => EndableProvider | undefined;
  readonly #onMade: () => void;
  #made: EndableProvider | undefined;

  /**
   * @param create Undefined when it cannot be made now; does not throw.
   * @param onMade Called once it is made, before its first span.
   */
  constructor(create: () => EndableProvider | undefined, onMade: () => void = () => undefined) {
    this.#create = create;
    this.#onMade = onMade;
  }

  make(): EndableProvider | undefined {
    if (this.#made === undefined) {
      this.#made = this.#create();
      if (this.#made !== undefined) this.#onMade();
    }
    return this.#made;
  }

  getTracer(name: string, version?: string, options?: TracerOptions): Tracer {
    return (
      this.#made?.getTracer(name, version, options) ??
      new LazyTracer(() => this.make()?.getTracer(name, version, options))
    );
  }

  async forceFlush(): Promise<void> {
    await this.#made?.forceFlush();
  }

  /** Also where no span was made: those that come later are then ended as the provider ends them. */
  async shutdown(): Promise<void> {
    await this.make()?.shutdown();
  }
}

class LazyTracer implements Tracer {
  readonly #create: () => Tracer | undefined;
  #made: Tracer | undefined;

  constructor(create: () => Tracer | undefined) {
    this.#create = create;
  }

  // Not a rest of arguments, which would be an array for every span.
  startSpan(name: string, options?: SpanOptions, context?: Context): Span {
    return (
      this.#tracer?.startSpan(name, options, context) ?? trace.wrapSpanContext(INVALID_SPAN_CONTEXT)
    );
  }

  startActiveSpan<F extends (span: Span) => unknown>(...args: unknown[]): ReturnType<F> {
    const tracer = this.#tracer;
    // Whichever of its three forms it is: they differ in what may be left out.
    if (tracer !== undefined) return tracer.startActiveSpan(...(args as [name: string, fn: F]));
    return (args.at(-1) as F)(trace.wrapSpanContext(INVALID_SPAN_CONTEXT)) as ReturnType<F>;
  }

  get #tracer(): Tracer | undefined {
    return (this.#made ??= this.#create());
  }
}
