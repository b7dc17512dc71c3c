import type { Inspector, InspectorOptions } from "../../../lib/inspector/server/startInspector.js";
import { startInspector } from "../../../lib/inspector/server/startInspector.js";
import { otlpRequest, otlpSpan, postHogBatch, postHogEvent } from "./payloads.js";
import { postJson } from "./request.js";

const traceId = (n: number): string => n.toString(16).padStart(32, "0");
const spanId = (n: number): string => n.toString(16).padStart(16, "0");

describe("the limits on what is held", () => {
  let inspector: Inspector;

  async function start(options: InspectorOptions): Promise<void> {
    inspector = await startInspector(options);
  }
  const sendSpan = (trace: number, span: number): Promise<unknown> =>
    postJson(
      `${inspector.url}/v1/traces`,
      otlpRequest([otlpSpan({ traceId: traceId(trace), spanId: spanId(span) })]),
    );
  const sendEvent = (uuid: string, trace?: number): Promise<unknown> =>
    postJson(
      `${inspector.url}/batch/`,
      postHogBatch([
        postHogEvent({
          uuid,
          properties: trace === undefined ? {} : { $trace_id: traceId(trace) },
        }),
      ]),
    );
  const held = (): readonly string[] => inspector.traces().map((trace) => trace.traceId);

  afterEach(() => inspector.close());

  it("evicts the traces that have gone unchanged longest, with their events", async () => {
    await start({ maxTraces: 2 });
    await sendSpan(1, 1);
    await sendEvent("a", 1);
    await sendSpan(2, 1);
    await sendEvent("b", 2);
    await sendSpan(1, 2);
    await sendSpan(3, 1);
    expect(held()).toEqual([traceId(1), traceId(3)]);
    expect(inspector.events().map((event) => event.uuid)).toEqual(["a"]);
    expect(inspector.counts()).toMatchObject({
      spans: 4,
      evictedTraces: 1,
      evictedSpans: 1,
      evictedEvents: 1,
    });
  });

  it("evicts whole traces to make room, and refuses the rest of a trace that is too large by itself", async () => {
    await start({ maxSpans: 3 });
    await sendSpan(1, 1);
    await sendSpan(2, 1);
    const spans = [1, 2, 3, 4, 5].map((n) => otlpSpan({ traceId: traceId(3), spanId: spanId(n) }));
    const answer = await postJson(`${inspector.url}/v1/traces`, otlpRequest(spans));
    expect(answer.json).toEqual({
      partialSuccess: {
        rejectedSpans: "2",
        errorMessage: "The trace is larger than the receiver may hold.",
      },
    });
    expect(held()).toEqual([traceId(3)]);
    expect(inspector.trace(traceId(3))?.spanCount).toBe(3);
    expect(inspector.counts()).toMatchObject({
      spans: 5,
      rejectedSpans: 2,
      evictedTraces: 2,
      evictedSpans: 2,
    });
  });

  it("has as much room as before once it has been cleared", async () => {
    const bytes = JSON.stringify(otlpRequest([otlpSpan()])).length;
    await start({ maxSpans: 1, maxHeldBytes: bytes + 10 });
    for (let n = 1; n <= 3; n++) {
      inspector.clear();
      await sendSpan(n, 1);
    }
    expect(held()).toEqual([traceId(3)]);
    expect(inspector.counts()).toMatchObject({ spans: 3, evictedTraces: 0, rejectedSpans: 0 });
  });

  it("evicts the oldest traces beyond the limit on bytes", async () => {
    const bytes = JSON.stringify(otlpRequest([otlpSpan({ traceId: traceId(1) })])).length;
    await start({ maxHeldBytes: bytes * 2 + 10 });
    for (let n = 1; n <= 5; n++) await sendSpan(n, 1);
    expect(held()).toEqual([traceId(4), traceId(5)]);
  });

  it("limits events that belong to no trace, and traces made of events alone", async () => {
    await start({ maxEvents: 2 });
    await sendEvent("a", 1);
    await sendEvent("b");
    await sendEvent("c");
    expect(inspector.events().map((event) => event.uuid)).toEqual(["b", "c"]);
    expect(held()).toEqual([]);
    expect(inspector.counts()).toMatchObject({ events: 3, evictedEvents: 1 });
  });

  it("keeps only the newest events of a batch that exceeds the limit on bytes", async () => {
    await start({ maxHeldBytes: 1_000 });
    const events = Array.from({ length: 50 }, (_, n) =>
      postHogEvent({ uuid: String(n), properties: { filler: "x".repeat(50) } }),
    );
    await postJson(`${inspector.url}/batch/`, postHogBatch(events));
    const left = inspector.events().map((event) => event.uuid);
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBeLessThan(10);
    expect(left.at(-1)).toBe("49");
  });
});
