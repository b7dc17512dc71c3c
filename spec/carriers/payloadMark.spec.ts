import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import type { Span } from "@opentelemetry/sdk-trace-base";
import { adoptPayloadMark, markPayload, stripPayload } from "../../lib/carriers/payloads.js";
import { countedMark } from "../../lib/failures/mark.js";
import { recordFailure } from "../../lib/failures/recordFailure.js";
import { settleFailure } from "../../lib/failures/settleFailure.js";

const tracer = new BasicTracerProvider().getTracer("spec");

/** Settles a span as the mirror does; returns whether its failure was counted here, for the first time. */
function settle(span: Span, text: string): boolean {
  const { traceId, spanId } = span.spanContext();
  return settleFailure({ span, traceId, spanId, parentSpanId: undefined, text });
}

function failedHere(): Span {
  const span = tracer.startSpan("handler", {}, ROOT_CONTEXT) as Span;
  recordFailure(span, new Error("spec"));
  settle(span, "Error: spec");
  return span;
}

describe("the mark of a counted failure in a response payload", () => {
  it("keeps the caller from counting it again, and is stripped from what its user sees", () => {
    const server = failedHere();
    const { traceId, spanId } = server.spanContext();
    const response = Object.freeze({ error: { code: 1 } });
    const sent = JSON.parse(JSON.stringify(markPayload(response, server))) as unknown;
    expect(sent).toEqual({ error: { code: 1 }, "_land-counted": `${traceId}-${spanId}` });
    expect(stripPayload(sent)).toEqual(response);

    const client = tracer.startSpan("call", {}, trace.setSpan(ROOT_CONTEXT, server)) as Span;
    const failure = new Error("rebuilt from the response");
    expect(adoptPayloadMark(sent, client, failure)).toBe(true);
    expect(countedMark(failure)).toBe(`${traceId}-${spanId}`);
    expect(settle(client, "Error: rebuilt")).toBe(false);
  });

  it("is not written if nothing was counted, or if the payload cannot hold it", () => {
    const response = { ok: true };
    expect(markPayload(response, tracer.startSpan("fine") as Span)).toBe(response);
    const list = [1];
    expect(markPayload(list, failedHere())).toBe(list);
    expect(markPayload("text", failedHere())).toBe("text");
    expect(markPayload(null, failedHere())).toHaveProperty(["_land-counted"]);
    const throwing = {
      get a(): never {
        throw new Error("spec");
      },
    };
    expect(markPayload(throwing, failedHere())).toBe(throwing);
  });

  it.each<[string, (span: Span) => unknown]>([
    [
      "of another trace",
      (span) => ({ "_land-counted": `${"1".repeat(32)}-${span.spanContext().spanId}` }),
    ],
    ["that is malformed", (span) => ({ "_land-counted": `${span.spanContext().traceId}-x` })],
    ["that is no text", () => ({ "_land-counted": {} })],
    [
      "that is inherited",
      (span) =>
        Object.create({
          "_land-counted": `${span.spanContext().traceId}-${span.spanContext().spanId}`,
        }) as unknown,
    ],
    ["in an array", () => [1]],
    ["in nothing", () => null],
    [
      "behind a getter that throws",
      () => ({
        get "_land-counted"(): never {
          throw new Error("spec");
        },
      }),
    ],
  ])("is ignored if it is one %s", (_name, make) => {
    const span = tracer.startSpan("call") as Span;
    expect(adoptPayloadMark(make(span), span)).toBe(false);
    expect(settle(span, "Error: spec")).toBe(true);
  });
});
