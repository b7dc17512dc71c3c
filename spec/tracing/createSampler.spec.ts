import type { Context } from "@opentelemetry/api";
import { ROOT_CONTEXT, SpanKind, trace } from "@opentelemetry/api";
import type { Sampler } from "@opentelemetry/sdk-trace-base";
import { SamplingDecision } from "@opentelemetry/sdk-trace-base";
import { createSampler } from "../../lib/tracing/createSampler.js";
import { keepDiagnostics } from "../support/diagnostics.js";

const { messages, stop } = keepDiagnostics();
beforeEach(() => (messages.length = 0));
afterAll(stop);

const { NOT_RECORD, RECORD, RECORD_AND_SAMPLED } = SamplingDecision;
/** A ratio of one half takes the first of these trace ids, and leaves out the second. */
const LOW = "00000000000000000000000000000001";
const HIGH = "000000000000000000000000ffffffff";

function decide(
  sampler: Sampler,
  parent: "none" | "sampled" | "unsampled" = "none",
  traceId = LOW,
): SamplingDecision {
  const above: Context =
    parent === "none"
      ? ROOT_CONTEXT
      : trace.setSpanContext(ROOT_CONTEXT, {
          traceId,
          spanId: "1".repeat(16),
          traceFlags: parent === "sampled" ? 1 : 0,
          isRemote: true,
        });
  return sampler.shouldSample(above, traceId, "work", SpanKind.INTERNAL, {}, []).decision;
}

const by = (name: string, arg?: string): Sampler =>
  createSampler(undefined, { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: arg }, false);

describe("the head sampler", () => {
  it.each<[string, string | undefined, SamplingDecision[]]>([
    // no parent, a sampled and an unsampled one; no parent with a trace id beyond the ratio
    ["", undefined, [RECORD_AND_SAMPLED, RECORD_AND_SAMPLED, NOT_RECORD, RECORD_AND_SAMPLED]],
    [
      "always_on",
      undefined,
      [RECORD_AND_SAMPLED, RECORD_AND_SAMPLED, RECORD_AND_SAMPLED, RECORD_AND_SAMPLED],
    ],
    ["always_off", undefined, [NOT_RECORD, NOT_RECORD, NOT_RECORD, NOT_RECORD]],
    [
      "traceidratio",
      "0.5",
      [RECORD_AND_SAMPLED, RECORD_AND_SAMPLED, RECORD_AND_SAMPLED, NOT_RECORD],
    ],
    [
      "traceidratio",
      undefined,
      [RECORD_AND_SAMPLED, RECORD_AND_SAMPLED, RECORD_AND_SAMPLED, RECORD_AND_SAMPLED],
    ],
    ["traceidratio", " 0 ", [NOT_RECORD, NOT_RECORD, NOT_RECORD, NOT_RECORD]],
    [
      "traceidratio",
      "1",
      [RECORD_AND_SAMPLED, RECORD_AND_SAMPLED, RECORD_AND_SAMPLED, RECORD_AND_SAMPLED],
    ],
    [
      "parentbased_always_on",
      undefined,
      [RECORD_AND_SAMPLED, RECORD_AND_SAMPLED, NOT_RECORD, RECORD_AND_SAMPLED],
    ],
    ["parentbased_always_off", undefined, [NOT_RECORD, RECORD_AND_SAMPLED, NOT_RECORD, NOT_RECORD]],
    [
      "parentbased_traceidratio",
      "0.5",
      [RECORD_AND_SAMPLED, RECORD_AND_SAMPLED, NOT_RECORD, NOT_RECORD],
    ],
    [" Always_OFF ", undefined, [NOT_RECORD, NOT_RECORD, NOT_RECORD, NOT_RECORD]],
  ])("by OTEL_TRACES_SAMPLER %p and its argument %p", (name, arg, expected) => {
    const sampler = by(name, arg);
    expect([
      decide(sampler),
      decide(sampler, "sampled"),
      decide(sampler, "unsampled"),
      decide(sampler, "none", HIGH),
    ]).toEqual(expected);
    expect(messages).toEqual([]);
  });

  it.each(["sometimes", "jaeger_remote", "parentbased_", "parentbased_sometimes", "xalways_off"])(
    "is the default, with a message, by the unknown name %p",
    (name) => {
      const sampler = by(name);
      expect([decide(sampler), decide(sampler, "unsampled")]).toEqual([
        RECORD_AND_SAMPLED,
        NOT_RECORD,
      ]);
      expect(messages).toEqual([
        expect.stringMatching(
          `OTEL_TRACES_SAMPLER="${name}" .*always_on, always_off, traceidratio, parentbased_always_on, .*parentbased_always_on is used`,
        ),
      ]);
    },
  );

  it.each(["2", "-0.1", "half", "NaN"])(
    "takes every trace, with a message, by the ratio %p",
    (arg) => {
      expect(decide(by("traceidratio", arg), "none", HIGH)).toBe(RECORD_AND_SAMPLED);
      expect(messages).toEqual([
        expect.stringMatching(`OTEL_TRACES_SAMPLER_ARG="${arg}" .*a number from 0 to 1.*1 is used`),
      ]);
    },
  );

  it("is the given one, whatever the environment says", () => {
    const given: Sampler = {
      shouldSample: () => ({ decision: NOT_RECORD }),
      toString: () => "given",
    };
    expect(createSampler(given, { OTEL_TRACES_SAMPLER: "always_on" }, false)).toBe(given);
  });

  it("records what it leaves out, and samples no more than it did, while the mirror wants to see failures", () => {
    const sampler = createSampler(
      undefined,
      { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.5" },
      true,
    );
    expect([decide(sampler), decide(sampler, "unsampled"), decide(sampler, "none", HIGH)]).toEqual([
      RECORD_AND_SAMPLED,
      RECORD,
      RECORD,
    ]);
    const given: Sampler = {
      shouldSample: () => ({ decision: NOT_RECORD }),
      toString: () => "given",
    };
    expect(decide(createSampler(given, {}, true))).toBe(RECORD);
  });
});
