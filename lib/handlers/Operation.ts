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

/** Options of `traceHandler`; `Args` and `Result` are those of the handler. */
export interface HandlerOptions<
  Args extends readonly unknown[] = readonly unknown[],
  Result = unknown,
> {
  /**
   * Where the caller's `traceparent`, `tracestate` and `baggage` are: an object, or a function that finds one among
   * the handler's arguments. Either headers or another carrier that `extract` reads, or a payload with
   * `_traceparent`. Default: none, the parent is the active span.
   */
  readonly carrier?: object | ((...args: Args) => unknown);
  /** Attributes of the span, or a function of the handler's arguments that returns them. */
  readonly attributes?: Attributes | ((...args: Args) => Attributes | undefined);
  /**
   * For handlers that return their failures: returns the failure that a result holds, or undefined, null or false
   * when the result is a success. Called once, with the resolved value.
   */
  readonly errorFromResult?: (result: Awaited<Result>) => unknown;
  /**
   * Also capture `land:<tier>:handler:complete` with `feature`, `duration_ms` and `ok` at the end of each run. A
   * string is the feature's name; true uses the method's. A cancelled run has `ok` false and `cancelled` true. Runs
   * beyond `throttle.completionsPerSecond` are combined into one event per feature. Default: false.
   */
  readonly complete?: boolean | string;
}

type Args = readonly unknown[];

/** Members that the SDK's spans have and the API's own do not. */
type SdkSpan = Span & { readonly kind?: SpanKind; readonly ended?: boolean };

/** One run of a handler: its span, the context it runs in, and its end, which happens once. Nothing here throws. */
export class Operation {
  /** The handler's context, in which the span is active. */
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
   * Runs part of the handler's own work in the handler's context and returns its result. A throw or a rejection ends
   * the run; otherwise `onValue` receives the returned or resolved value.
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

  /** Ends the run with its result, which `errorFromResult` may declare a failure. */
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

  /** Captures the event in the handler's context, so that it carries the ids of the handler's span. */
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

/** Whether another layer of this process, such as the gRPC interceptor, has already made the span of the call. */
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
  // A dispatcher often runs in the context in which its socket was opened, whose span is long over. A call that names
  // no caller then starts its own trace instead of adding one more child to the program's start.
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
