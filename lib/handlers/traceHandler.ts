import { globalState } from "../shared/globalState.js";
import { diagnoseSetting } from "../shared/diagnostics.js";
import { imitate } from "../shared/interceptMethod.js";
import { readMember } from "../shared/readMember.js";
import type { Runtime } from "../shared/Runtime.js";
import { followResult } from "./followResult.js";
import type { HandlerOptions } from "./Operation.js";
import { Operation } from "./Operation.js";

/** Keeps TypeScript from inferring the arguments from anything but the handler. */
type Fixed<Args extends unknown[]> = Args extends unknown[] ? Args : never;

/**
 * Wraps an RPC handler so that each call is a span: a SERVER span, child of the caller named by
 * `options.carrier`; or an INTERNAL span when the active span is a SERVER span of this process, because the
 * protocol's own layer (the gRPC interceptor, for example) has made the span of the call already.
 *
 * The span is named by `method` as given: a protocol's full method such as `$provideHover`, or one of
 * Land's own names such as `land:cocoon:handler` where there is no method; it is also the `rpc.method`.
 * A `method` function that throws or gives no text is replaced by `land:<tier>:handler`.
 *
 * The handler may be of any shape: what it returns or resolves to may be a value, a generator (sync or async), a Node
 * Readable or a web ReadableStream, and the span ends with the last step, or when the consumer stops early.
 * A generator or stream that nobody ever reads has no end, and no span is sent for it.
 *
 * A throw, a rejection and a result that `errorFromResult` calls a failure are errors. A failure that is the
 * abort of an AbortSignal (or VS Code CancellationToken) among the arguments is a cancellation instead:
 * status unset, `land.cancelled`.
 *
 * The wrapper keeps `this`, name, length and own properties, and hands on results and failures unchanged. When nobody
 * awaits it, as with a notification, Node reports a rejection once, as it would without the wrapper.
 */
export function traceHandler<This, Args extends unknown[], Result>(
  method: string | ((...args: Fixed<Args>) => string),
  handler: (this: This, ...args: Args) => Result,
  options: HandlerOptions<Fixed<Args>, NoInfer<Result>> = {},
): (this: This, ...args: Args) => Result {
  if (typeof (handler as unknown) !== "function") {
    diagnoseSetting("traceHandler handler", handler, "a function", "It is given back as it is.");
    return handler;
  }
  // Each on its own, and once: one that cannot be read is left out.
  const given = Object.fromEntries(
    ["carrier", "attributes", "errorFromResult", "complete"].map((option) => [
      option,
      readMember(options, option),
    ]),
  ) as HandlerOptions;
  // Written as a method: an arrow has no `this`, and a function expression has a `prototype` that hides the handler's.
  const holder = {
    wrapper(this: This, ...args: Args): Result {
      const { runtime } = globalState();
      if (runtime === undefined) return Reflect.apply<This, Args, Result>(handler, this, args);
      const name = nameOf(method, args, runtime);
      const operation = new Operation(runtime, name, given, args);
      return operation.run(
        () => Reflect.apply<This, Args, Result>(handler, this, args),
        (result) => followResult(result, operation),
      );
    },
  };
  const wrapper: (this: This, ...args: Args) => Result = Reflect.get(holder, "wrapper");
  imitate(wrapper, handler);
  return wrapper;
}

function nameOf<Args extends unknown[]>(
  method: string | ((...args: Fixed<Args>) => string),
  args: Args,
  runtime: Runtime,
): string {
  try {
    const name: unknown = typeof method === "function" ? method(...(args as Fixed<Args>)) : method;
    if (typeof name === "string" && name !== "") return name;
  } catch {
    // Named below.
  }
  return `land:${runtime.tier}:handler`;
}
