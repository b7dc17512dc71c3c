import type { Context } from "@opentelemetry/api";
import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { emptyResource } from "@opentelemetry/resources";
import type { IdGenerator, ReadableSpan, Sampler } from "@opentelemetry/sdk-trace-base";
import { SamplingDecision } from "@opentelemetry/sdk-trace-base";
import { createTracerProvider } from "../../lib/tracing/createTracerProvider.js";
import { keepDiagnostics } from "../support/diagnostics.js";

const { messages, stop } = keepDiagnostics();
beforeEach(() => (messages.length = 0));
afterAll(stop);

const { NOT_RECORD, RECORD, RECORD_AND_SAMPLED } = SamplingDecision;
/** A ratio of one half samples the first of these trace ids, but not the second. */
const LOW = "00000000000000000000000000000001";
const HIGH = "000000000000000000000000ffffffff";

interface Sampling {
  readonly name?: string;
  readonly arg?: string | undefined;
  readonly given?: Sampler;
  readonly recordAll?: boolean;
}
type Parent = "none" | "sampled" | "unsampled";

/** The decision on a span of a provider created with these sampler variables. */
function decide(sampling: Sampling, parent: Parent = "none", traceId = LOW): SamplingDecision {
  const { name = "", arg = "", given, recordAll = false } = sampling;
  const before = { ...process.env };
  Object.assign(process.env, { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: arg });
  const ended: ReadableSpan[] = [];
  const none = () => Promise.resolve();
  const processor = {
    onStart: () => undefined,
    onEnd: (span: ReadableSpan) => void ended.push(span),
    forceFlush: none,
    shutdown: none,
  };
  const provider = createTracerProvider({
    resource: emptyResource(),
    sampler: given,
    recordAll,
    spanProcessors: [processor],
  });
  process.env = before;
  (provider["_tracerOptions"] as { idGenerator: IdGenerator }).idGenerator = {
    generateTraceId: () => traceId,
    generateSpanId: () => "2".repeat(16),
  };
  const above: Context =
    parent === "none"
      ? ROOT_CONTEXT
      : trace.setSpanContext(ROOT_CONTEXT, {
          traceId,
          spanId: "1".repeat(16),
          traceFlags: parent === "sampled" ? 1 : 0,
          isRemote: true,
        });
  const span = provider.getTracer("land.air").startSpan("work", {}, above);
  span.end();
  if ((span.spanContext().traceFlags & 1) === 1) return RECORD_AND_SAMPLED;
  return ended.length > 0 ? RECORD : NOT_RECORD;
}

describe("the head sampler", () => {
  it.each<[string, string | undefined, SamplingDecision[]]>([
    // The results for no parent, a sampled one, an unsampled one, and none with a trace id beyond the ratio.
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
  ])("follows OTEL_TRACES_SAMPLER %p and its argument %p", (name, arg, expected) => {
    const sampling = { name, arg };
    expect([
      decide(sampling),
      decide(sampling, "sampled"),
      decide(sampling, "unsampled"),
      decide(sampling, "none", HIGH),
    ]).toEqual(expected);
  });

  it.each(["sometimes", "jaeger_remote", "parentbased_", "xalways_off"])(
    "is the default, with one message from the SDK, for the unknown name %p",
    (name) => {
      expect(decide({ name })).toBe(RECORD_AND_SAMPLED);
      expect(messages).toEqual([expect.stringContaining(`OTEL_TRACES_SAMPLER value "${name}"`)]);
      expect(decide({ name }, "unsampled")).toBe(NOT_RECORD);
    },
  );

  it.each(["2", "-0.1"])("samples every trace, with a message, for the ratio %p", (arg) => {
    expect(decide({ name: "traceidratio", arg }, "none", HIGH)).toBe(RECORD_AND_SAMPLED);
    expect(messages).toEqual([expect.stringContaining(`OTEL_TRACES_SAMPLER_ARG=${arg}`)]);
  });

  const given: Sampler = {
    shouldSample: () => ({ decision: NOT_RECORD }),
    toString: () => "given",
  };

  it("is the given one, whatever the environment says", () => {
    expect(decide({ name: "always_on", given })).toBe(NOT_RECORD);
  });

  it("records what it does not sample, and samples no more, while the mirror needs to see failures", () => {
    const half = { name: "parentbased_traceidratio", arg: "0.5", recordAll: true };
    expect([decide(half), decide(half, "unsampled"), decide(half, "none", HIGH)]).toEqual([
      RECORD_AND_SAMPLED,
      RECORD,
      RECORD,
    ]);
    expect(decide({ given, recordAll: true })).toBe(RECORD);
  });
});
