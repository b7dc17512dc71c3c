import type { Attributes, Context, Span } from "@opentelemetry/api";
import { SpanKind, context, trace } from "@opentelemetry/api";
import { extract } from "../carriers/headers.js";
import { extractPayload } from "../carriers/payloads.js";
import { findCancelSource, withCancelSource } from "../failures/cancellation.js";
import { closeFailed } from "../failures/recordFailure.js";
import { ATTR_RPC_METHOD } from "../resource/semanticConventions.js";
import type { Runtime } from "../shared/Runtime.js";
import { followCall } from "../shared/followPromise.js";
import { endQuietly, startQuietly } from "../shared/quietSpan.js";
import { report } from "../shared/report.js";

/** What `traceHandler` can be told; `Args` and `Result` are those of the handler. */
export interface HandlerOptions<
  Args extends readonly unknown[] = readonly unknown[],
  Result = unknown,
> {
  /**
   * Where the caller's `traceparent`, `tracestate` and `baggage` are: an object, or a function of the
   * handler's arguments that finds one. Headers and such (see `extract`) or a payload with `_traceparent`.
   * Default: none, the parent is the active span.
   */
  readonly carrier?: object | ((...args: Args) => unknown);
  /** Attributes of the span, or a function of the handler's arguments that gives them. */
  readonly attributes?: Attributes | ((...args: Args) => Attributes | undefined);
  /**
   * For handlers that return their failures: the failure that a result holds, or undefined (also null or
   * false) when it is a success. It is asked once, with the resolved value.
   */
  readonly errorFromResult?: (result: Awaited<Result>) => unknown;
  /**
   * Also capture `land:<tier>:handler:complete` with `feature`, `duration_ms` and `ok` at the end of each
   * run. A text is the feature's name; true takes the method's. A cancelled run is not ok, and `cancelled`. Runs
   * beyond `throttle.completionsPerSecond` are gathered into one event for each feature. Default: false.
   */
  readonly complete?: boolean | string;
}

type Args = readonly unknown[];

/** Members that a span of the SDK has, and one of the API alone has not. */
type SdkSpan = Span & { readonly kind?: SpanKind; readonly ended?: boolean };

/** One run of a handler: its span, the context it runs in, and its end, which happens once. Nothing here throws. */
export class Operation {
  /** The context of the handler, with the span active. */
  readonly context: Context;
  private readonly span: Span;
  private readonly start = performance.now();
  private over = false;

  constructor(
    private readonly runtime: Runtime,
    private readonly method: string,
    private readonly options: HandlerOptions,
    args: Args,
  ) {
    const active = context.active();
    const nested = isLocalServer(trace.getSpan(active));
    const parent = nested ? active : callerContext(active, options, args);
    const kind = nested ? SpanKind.INTERNAL : SpanKind.SERVER;
    const attributes = attributesOf(method, options, args);
    this.span = startQuietly(runtime.tracer, method, { kind, attributes }, parent);
    const inside = trace.setSpan(parent, this.span);
    const source = findCancelSource(args);
    this.context = source === undefined ? inside : withCancelSource(inside, source);
  }

  /**
   * Runs a piece of the handler's own work in the handler's context and gives back what it gives. A throw or a
   * rejection ends the run; `onValue` is told anything else.
   */
  run<T>(work: () => T, onValue: (value: unknown) => void): T {
    return followCall(
      () => context.with(this.context, work),
      onValue,
      (failure) => this.fail(failure),
    );
  }

  succeed(): void {
    if (this.over) return;
    this.over = true;
    endQuietly(this.span);
    this.captureCompletion(true);
  }

  fail(failure: unknown): void {
    if (this.over) return;
    this.over = true;
    const isCancelled = closeFailed(this.span, failure, this.context);
    this.captureCompletion(false, isCancelled);
  }

  /** Ends the run with its result, which `errorFromResult` may call a failure. */
  settle(result: unknown): void {
    let failure: unknown;
    try {
      failure = this.options.errorFromResult?.(result);
    } catch {
      // The host's function failed, not the call.
    }
    if (failure === undefined || failure === null || failure === false) this.succeed();
    else this.fail(failure);
  }

  /** In the handler's context, so that the event carries the ids of the handler's span. */
  private captureCompletion(ok: boolean, isCancelled = false): void {
    const { runtime, method, start } = this;
    const { complete } = this.options;
    if (complete === undefined || complete === false) return;
    const feature = typeof complete === "string" && complete !== "" ? complete : method;
    const cancelled = isCancelled ? { cancelled: true } : {};
    const properties = { feature, duration_ms: performance.now() - start, ok, ...cancelled };
    try {
      context.with(this.context, () =>
        runtime.captureEvent(`land:${runtime.tier}:handler:complete`, properties),
      );
    } catch (error) {
      report("error", "a handler's completion could not be captured", error);
    }
  }
}

/** Another layer of this process, such as the gRPC interceptor, has already made the span of the call. */
function isLocalServer(active: SdkSpan | undefined): boolean {
  return active?.kind === SpanKind.SERVER && active.isRecording();
}

function callerContext(active: Context, { carrier }: HandlerOptions, args: Args): Context {
  if (carrier === undefined) return active;
  try {
    const found =
      typeof carrier === "function" ? (carrier as (...args: Args) => unknown)(...args) : carrier;
    const base = trace.deleteSpan(active);
    const headers = extract(found, base);
    const caller = trace.getSpan(headers) === undefined ? extractPayload(found, base) : headers;
    if (trace.getSpan(caller) !== undefined) return caller;
  } catch {
    // The search for the carrier failed, not the call.
  }
  // A dispatcher often runs in the context in which its socket was opened, whose span is long over. A call that
  // names no caller is a trace of its own then, not one more child of the program's start.
  const { ended } = (trace.getSpan(active) ?? {}) as Partial<SdkSpan>;
  return ended === true ? trace.deleteSpan(active) : active;
}

function attributesOf(method: string, { attributes }: HandlerOptions, args: Args): Attributes {
  try {
    const own = typeof attributes === "function" ? attributes(...args) : attributes;
    return { [ATTR_RPC_METHOD]: method, ...own };
  } catch {
    return { [ATTR_RPC_METHOD]: method };
  }
}
