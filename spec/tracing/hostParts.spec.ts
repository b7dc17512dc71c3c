import { ROOT_CONTEXT, SpanKind } from "@opentelemetry/api";
import type { Sampler, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { BasicTracerProvider, SamplingDecision } from "@opentelemetry/sdk-trace-base";
import { guardProcessors, guardSampler } from "../../lib/tracing/hostParts.js";
import { keepDiagnostics } from "../support/diagnostics.js";

const { messages, stop } = keepDiagnostics();
beforeEach(() => (messages.length = 0));
afterAll(stop);

const throwing = (): never => {
  throw new Error("host");
};

describe("a host's sampler", () => {
  const decide = (shouldSample: () => unknown): unknown[] => {
    const sampler = guardSampler({ shouldSample, toString: () => "host" } as Sampler);
    const args = [ROOT_CONTEXT, "1".repeat(32), "work", SpanKind.INTERNAL, {}, []] as const;
    return [1, 2].map(() => sampler.shouldSample(args[0], args[1], args[2], args[3], {}, []));
  };
  const recorded = { decision: SamplingDecision.RECORD_AND_SAMPLED };

  it("makes the decision", () => {
    const result = { decision: SamplingDecision.NOT_RECORD, attributes: { a: 1 } };
    expect(decide(() => result)).toEqual([result, result]);
    expect(messages).toEqual([]);
  });

  it.each<[string, () => unknown, RegExp]>([
    ["throws", throwing, /sampler.*shouldSample throws/],
    ["gives nothing", () => undefined, /sampler.*shouldSample throws/],
    ["gives no decision", () => ({}), /sampler.*returns no valid decision/],
    ["gives an unknown one", () => ({ decision: 7 }), /sampler.*returns no valid decision/],
  ])("that %s records every span, and is reported once", (_what, shouldSample, line) => {
    expect(decide(shouldSample)).toEqual([recorded, recorded]);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatch(line);
  });
});

describe("a host's span processors", () => {
  const whole = (parts: Partial<SpanProcessor> = {}): SpanProcessor => ({
    onStart: () => undefined,
    onEnd: () => undefined,
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
    ...parts,
  });

  it.each<[string, Partial<SpanProcessor>]>([
    ["onStart", { onStart: throwing, onEnd: throwing }],
    ["onEnding", { onEnding: throwing, onEnd: throwing }],
    ["onEnd", { onEnd: throwing }],
  ])("that throw in %s lose no span, and are reported once", (name, parts) => {
    const ended: string[] = [];
    const spanProcessors = [
      ...guardProcessors([whole(parts)]),
      whole({ onEnd: ({ name }) => void ended.push(name) }),
    ];
    const tracer = new BasicTracerProvider({ spanProcessors }).getTracer("spec");
    for (const span of ["one", "two"]) tracer.startSpan(span).end();
    expect(ended).toEqual(["one", "two"]);
    expect(messages).toEqual([expect.stringMatching(`span processor.*${name} throws`)]);
  });

  it("are asked to flush and to shut down", async () => {
    const asked: string[] = [];
    const [guarded] = guardProcessors([
      whole({
        forceFlush: () => Promise.resolve(void asked.push("flush")),
        shutdown: () => Promise.resolve(void asked.push("shutdown")),
      }),
    ]);
    await guarded?.forceFlush();
    await guarded?.shutdown();
    expect(asked).toEqual(["flush", "shutdown"]);
    expect(guarded).not.toHaveProperty("onEnding");
  });

  it.each<unknown>([undefined, null, {}, "text", { onStart: 1, onEnd: 2 }, { onStart: throwing }])(
    "do not include %p, which is reported",
    (processor) => {
      expect(guardProcessors([processor as SpanProcessor])).toEqual([]);
      expect(messages).toEqual([expect.stringContaining("spanProcessors=")]);
    },
  );
});
