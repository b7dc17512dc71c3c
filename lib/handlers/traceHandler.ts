import { globalState } from "../shared/globalState.js";
import { diagnoseSetting } from "../shared/diagnostics.js";
import type { Method } from "../shared/interceptMethod.js";
import { imitate } from "../shared/interceptMethod.js";
import { readMember } from "../shared/readMember.js";
import type { Runtime } from "../shared/Runtime.js";
import { followResult } from "./followResult.js";
import type { HandlerOptions } from "./Operation.js";
import { Operation } from "./Operation.js";

/** A handler of any arguments. A parameter written without a type gets this type, and must be usable. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- `never` and `unknown` would refuse such a handler's calls
export type AnyHandler = (...args: any) => unknown;
/** The arguments of a handler; where it has several overloads, those of the last. */
export type ArgumentsOf<Handler> = Handler extends (this: never, ...args: infer Args) => unknown
  ? Args
  : never;
/** What a handler returns. */
export type ResultOf<Handler> = Handler extends (this: never, ...args: never) => infer Result
  ? Result
  : never;

/**
 * Wraps an RPC handler so that each call is a span: a SERVER span, child of the caller that `options.carrier` names;
 * or an INTERNAL span when the active span is a SERVER span of this process, because the protocol's own layer (the
 * gRPC interceptor, for example) has already made the span of the call.
 *
 * The span is named after `method` as given: a protocol's full method such as `$provideHover`, or one of Land's own
 * names such as `land:cocoon:handler` where there is no method; `rpc.method` has the same value. If a `method`
 * function throws or returns no string, the name is `land:<tier>:handler`.
 *
 * The handler may return or resolve to a plain value, a generator (sync or async), a Node Readable or a web
 * ReadableStream; the span ends with the last step, or when the consumer stops early. A generator or stream that
 * nobody ever reads has no end, and no span is sent for it.
 *
 * A throw, a rejection and a result that `errorFromResult` declares a failure are errors. A failure that is the abort
 * of an AbortSignal (or VS Code CancellationToken) among the arguments is a cancellation instead: status unset,
 * `land.cancelled`.
 *
 * The wrapper keeps `this`, name, length and own properties, and passes on results and failures unchanged. When
 * nobody awaits it, as with a notification, Node reports a rejection once, as it would without the wrapper.
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
    diagnoseSetting("traceHandler handler", handler, "a function", "It is returned unchanged.");
    return handler;
  }
  // Each option is read separately, and once; one that cannot be read is left out.
  const given = Object.fromEntries(
    ["carrier", "attributes", "errorFromResult", "complete"].map((option) => [
      option,
      readMember(options, option),
    ]),
  ) as HandlerOptions;
  // Written as a method: an arrow has no `this`, and a function expression's `prototype` hides the handler's.
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
    // The default below is used.
  }
  return `land:${runtime.tier}:handler`;
}
