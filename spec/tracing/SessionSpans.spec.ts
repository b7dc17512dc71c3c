import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { hrTimeToMilliseconds } from "@opentelemetry/core";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import type { PipeStats, Stats } from "../../lib/shared/Stats.js";
import { SessionSpans } from "../../lib/tracing/SessionSpans.js";

const PARENT = { traceId: "c".repeat(32), spanId: "d".repeat(16), traceFlags: 1, isRemote: true };
const counts = (accepted: number, dropped: Record<string, number>): PipeStats =>
  ({ accepted, delivered: 1, dropped }) as unknown as PipeStats;
const STATS = {
  posthog: counts(3, { throttled: 2 }),
  otlp: counts(5, { http_400: 3, expired: 1 }),
} as unknown as Stats;

describe("the spans of a session", () => {
  function make(began = 120) {
    const exporter = new InMemorySpanExporter();
    const provider = new BasicTracerProvider({
      spanProcessors: [new SimpleSpanProcessor(exporter)],
    });
    const parent = trace.setSpanContext(ROOT_CONTEXT, PARENT);
    const session = new SessionSpans(provider.getTracer("land.air"), "air", parent, began);
    return { exporter, session };
  }

  it("start as a child of the parent process's span, covering process start to registration", () => {
    const { exporter, session } = make();
    session.start();
    const [span] = exporter.getFinishedSpans();
    expect(span?.name).toBe("land:air:session:start");
    expect(span?.parentSpanContext).toMatchObject({ spanId: PARENT.spanId });
    expect(hrTimeToMilliseconds(span?.startTime ?? [0, 0])).toBeCloseTo(performance.timeOrigin, 1);
    expect(hrTimeToMilliseconds(span?.duration ?? [0, 0])).toBeCloseTo(120, 1);
  });

  it("end once, as a child of the start, with every count of both pipes", () => {
    const { exporter, session } = make();
    const start = session.start();
    session.end(STATS);
    session.end(STATS);
    const [, end, ...more] = exporter.getFinishedSpans();
    expect(more).toEqual([]);
    expect(end?.name).toBe("land:air:session:end");
    expect(end?.parentSpanContext?.spanId).toBe(start.spanContext().spanId);
    expect(end?.attributes).toEqual({
      "land.ledger.posthog.accepted": 3,
      "land.ledger.posthog.delivered": 1,
      "land.ledger.posthog.dropped.throttled": 2,
      "land.ledger.otlp.accepted": 5,
      "land.ledger.otlp.delivered": 1,
      "land.ledger.otlp.dropped.http_400": 3,
      "land.ledger.otlp.dropped.expired": 1,
    });
  });

  it("end in a trace of their own if there was no start span", () => {
    const { exporter, session } = make();
    session.end(STATS);
    expect(exporter.getFinishedSpans()[0]?.parentSpanContext).toBeUndefined();
  });
});
