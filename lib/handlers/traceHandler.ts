import { globalState } from "../shared/globalState.js";
import { diagnoseSetting } from "../shared/diagnostics.js";
import type { Method } from "../shared/interceptMethod.js";
import { imitate } from "../shared/interceptMethod.js";
import { readMember } from "../shared/readMember.js";
import type { Runtime } from "../shared/Runtime.js";
import { followResult } from "./followResult.js";
import type { HandlerOptions } from "./Operation.js";
import { Operation } from "./Operation.js";

/** A handler of any arguments. A parameter that is written without a type gets this one, and has to be usable. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- `never` and `unknown` would refuse such a handler's calls
export type AnyHandler = (...args: any) => unknown;
/** The arguments of a handler; of the last overload where there are several. */
export type ArgumentsOf<Handler> = Handler extends (this: never, ...args: infer Args) => unknown
  ? Args
  : never;
/** What a handler gives back. */
export type ResultOf<Handler> = Handler extends (this: never, ...args: never) => infer Result
  ? Result
  : never;

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
 *
 * @returns The wrapper, of the handler's own type: overloads, type parameters and properties stay. `method` and the
 *   options see the arguments of the last overload.
 */
export function traceHandler<Handler extends AnyHandler>(
  method: string | ((...args: ArgumentsOf<Handler>) => string),
  handler: Handler,
  options: HandlerOptions<ArgumentsOf<Handler>, ResultOf<Handler>> = {},
): Handler {
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
    wrapper(this: unknown, ...args: unknown[]): unknown {
      const call = (): unknown => Reflect.apply(handler, this, args);
      const { runtime } = globalState();
      if (runtime === undefined) return call();
      const name = nameOf(method, args, runtime);
      const operation = new Operation(runtime, name, given, args);
      return operation.run(call, (result) => followResult(result, operation));
    },
  };
  const wrapper: unknown = Reflect.get(holder, "wrapper");
  imitate(wrapper as Method, handler);
  return wrapper as Handler;
}

function nameOf(method: unknown, args: unknown[], runtime: Runtime): string {
  try {
    const name: unknown =
      typeof method === "function" ? Reflect.apply(method, undefined, args) : method;
    if (typeof name === "string" && name !== "") return name;
  } catch {
    // Named below.
  }
  return `land:${runtime.tier}:handler`;
}
