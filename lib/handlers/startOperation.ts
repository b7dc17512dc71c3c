import type { Attributes, Context, Span } from "@opentelemetry/api";
import { SpanKind, context, trace } from "@opentelemetry/api";
import { findCancelSource, withCancelSource } from "../failures/cancellation.js";
import { ATTR_RPC_METHOD } from "../resource/semanticConventions.js";
import type { Runtime } from "../shared/Runtime.js";
import { startQuietly } from "../shared/quietSpan.js";
import { extract } from "../carriers/extract.js";
import { extractPayload } from "../carriers/extractPayload.js";
import { completion } from "./completion.js";
import type { HandlerOptions } from "./HandlerOptions.js";
import { Operation } from "./Operation.js";

/** The parts of an SDK span that tell what it is; a span of the API alone has none of them. */
type SdkSpan = Span & { readonly kind?: SpanKind; readonly ended?: boolean };

/** Starts the span of one run of a handler. Never throws. */
export function startOperation(
  runtime: Runtime,
  method: string,
  options: HandlerOptions,
  args: readonly unknown[],
): Operation {
  const active = context.active();
  const nested = isLocalServer(trace.getSpan(active));
  const parent = nested ? active : callerContext(active, options, args);
  const span = startQuietly(
    runtime.tracer,
    method,
    {
      kind: nested ? SpanKind.INTERNAL : SpanKind.SERVER,
      attributes: attributesOf(method, options, args),
    },
    parent,
  );
  const inside = trace.setSpan(parent, span);
  const source = findCancelSource(args);
  const operating = source === undefined ? inside : withCancelSource(inside, source);
  return new Operation(span, operating, completion(runtime, method, options, operating));
}

/** Another layer of this process, such as the gRPC interceptor, has already made the span of the call. */
function isLocalServer(active: SdkSpan | undefined): boolean {
  return (
    active?.kind === SpanKind.SERVER &&
    active.isRecording() &&
    active.spanContext().isRemote !== true
  );
}

function callerContext(
  active: Context,
  { carrier }: HandlerOptions,
  args: readonly unknown[],
): Context {
  if (carrier === undefined) return active;
  try {
    const found =
      typeof carrier === "function"
        ? (carrier as (...args: readonly unknown[]) => unknown)(...args)
        : carrier;
    const base = trace.deleteSpan(active);
    const headers = extract(found, base);
    if (trace.getSpan(headers) !== undefined) return headers;
    const payload = extractPayload(found, base);
    if (trace.getSpan(payload) !== undefined) return payload;
  } catch {
    // The search for the carrier failed, not the call.
  }
  return withoutEndedSpan(active);
}

/**
 * A dispatcher often runs in the context in which its socket was opened, whose span is long over. A call
 * that names no caller is a trace of its own then, not one more child of the program's start.
 */
function withoutEndedSpan(active: Context): Context {
  return (trace.getSpan(active) as SdkSpan | undefined)?.ended === true
    ? trace.deleteSpan(active)
    : active;
}

function attributesOf(
  method: string,
  { attributes }: HandlerOptions,
  args: readonly unknown[],
): Attributes {
  try {
    const own = typeof attributes === "function" ? attributes(...args) : attributes;
    return { [ATTR_RPC_METHOD]: method, ...own };
  } catch {
    return { [ATTR_RPC_METHOD]: method };
  }
}
