import type { Context, Span, SpanOptions, Tracer, TracerOptions, TracerProvider } from "@opentelemetry/api";

/** A provider with the methods that a host ends it by. */
export interface EndableProvider extends TracerProvider {
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/**
 * A provider that is made with its first span, or when {@link LazyTracerProvider.make} is called: making one takes
 * longer than all else that a start does. Its tracers may be asked for, and kept, before.
 */
export class LazyTracerProvider implements EndableProvider {
  readonly #create: () => EndableProvider;
  readonly #onMade: () => void;
  #made: EndableProvider | undefined;

  /** @param onMade Called once it is made, before its first span. */
  constructor(create: () => EndableProvider, onMade: () => void = () => undefined) {
    this.#create = create;
    this.#onMade = onMade;
  }

  make(): EndableProvider {
    if (this.#made === undefined) {
      this.#made = this.#create();
      this.#onMade();
    }
    return this.#made;
  }

  getTracer(name: string, version?: string, options?: TracerOptions): Tracer {
    return this.#made?.getTracer(name, version, options) ?? new LazyTracer(() => this.make().getTracer(name, version, options));
  }

  async forceFlush(): Promise<void> {
    await this.#made?.forceFlush();
  }

  /** Also where no span was made: those that come later are then ended as the provider ends them. */
  async shutdown(): Promise<void> {
    await this.make().shutdown();
  }
}

class LazyTracer implements Tracer {
  readonly #create: () => Tracer;
  #made: Tracer | undefined;

  constructor(create: () => Tracer) {
    this.#create = create;
  }

  // Not a rest of arguments, which would be an array for every span.
  startSpan(name: string, options?: SpanOptions, context?: Context): Span {
    return this.#tracer.startSpan(name, options, context);
  }

  startActiveSpan<F extends (span: Span) => unknown>(...args: unknown[]): ReturnType<F> {
    // Whichever of its three forms it is: they differ in what may be left out.
    return this.#tracer.startActiveSpan(...(args as [name: string, fn: F]));
  }

  get #tracer(): Tracer {
    return (this.#made ??= this.#create());
  }
}
