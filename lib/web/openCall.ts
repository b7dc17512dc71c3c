import type { TextMapGetter } from "@opentelemetry/api";
import { SpanKind, context, defaultTextMapSetter, trace } from "@opentelemetry/api";
import { withSessionOfTrace } from "../propagation/sessionBaggage.js";
import { attempt } from "../shared/attempt.js";
import { isThenable } from "../shared/followPromise.js";
import { globalState } from "../shared/globalState.js";
import type { OpenCall } from "../shared/OpenCall.js";
import { readMember } from "../shared/readMember.js";
import type { PageTelemetry } from "./PendingTelemetry.js";

/** Reads the keys that `injectPayload` writes. */
const payloadGetter: TextMapGetter<unknown> = {
  get: (payload, name) => readMember(payload, `_${name}`) as string | undefined,
  keys: () => [],
};

const KINDS = { client: SpanKind.CLIENT, consumer: SpanKind.CONSUMER };

export const openCall: OpenCall = (action, kind, attributes, payload) => {
  const runtime = globalState().runtime as PageTelemetry | undefined;
  if (runtime === undefined) return undefined;
  const { tier, tracer, propagator, sessionId } = runtime;
  const active = context.active();
  const parent =
    payload === undefined ? active : propagator.extract(active, payload, payloadGetter);
  if (payload !== undefined && parent === active) return undefined;
  const span = tracer.startSpan(
    `land:${tier}:${action}`,
    { kind: KINDS[kind], attributes },
    parent,
  );
  const inside = trace.setSpan(parent, span);
  const carrier: Record<string, string> = {};
  propagator.inject(withSessionOfTrace(inside, sessionId), carrier, defaultTextMapSetter);
  const end = <T>(value: T): T => {
    attempt(() => span.end());
    return value;
  };
  const fail = (failure: unknown): never => {
    attempt(() => runtime.closeFailed(span, failure, inside));
    throw failure;
  };
  return {
    carrier,
    run(work) {
      try {
        const result = context.with(inside, work);
        return isThenable(result) ? result.then(end, fail) : end(result);
      } catch (failure) {
        return fail(failure);
      }
    },
  };
};
