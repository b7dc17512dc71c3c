import type { Context, TextMapPropagator } from "@opentelemetry/api";
import {
  createTraceState,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
  trace,
} from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";
import {
  AlwaysOffSampler,
  BasicTracerProvider,
  SamplingDecision,
} from "@opentelemetry/sdk-trace-base";
import { createPropagator } from "../../lib/propagation/createPropagator.js";
import { keepDiagnostics } from "../support/diagnostics.js";

const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN_ID = "00f067aa0ba902b7";
const propagator = createPropagator();

function extract(carrier: Record<string, unknown>, by: TextMapPropagator = propagator): Context {
  return by.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
}

function inject(context: Context, by: TextMapPropagator = propagator): Record<string, string> {
  const carrier: Record<string, string> = {};
  by.inject(context, carrier, defaultTextMapSetter);
  return carrier;
}

function spanContext(more: object): Context {
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    traceFlags: 1,
    ...more,
  });
}

function baggage(entries: Parameters<typeof propagation.createBaggage>[0]): Context {
  return propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage(entries));
}

/** The context of a grandchild of `parent`, made by the official SDK. */
function grandchild(parent: Context, provider = new BasicTracerProvider()): Context {
  const tracer = provider.getTracer("spec");
  const child = trace.setSpan(parent, tracer.startSpan("child", {}, parent));
  return trace.setSpan(child, tracer.startSpan("grandchild", {}, child));
}

describe("createPropagator", () => {
  it("names its fields", () => {
    expect(propagator.fields()).toEqual(["traceparent", "tracestate", "baggage"]);
  });

  describe("the random flag", () => {
    it.each(["02", "03"])("is passed on by children of the official SDK (%s)", (flags) => {
      const parent = extract({ traceparent: `00-${TRACE_ID}-${SPAN_ID}-${flags}` });
      expect(inject(grandchild(parent))["traceparent"]).toMatch(
        new RegExp(`^00-${TRACE_ID}-(?!${SPAN_ID})[0-9a-f]{16}-${flags}$`),
      );
    });

    it("is passed on by spans that are not recorded", () => {
      const parent = extract({ traceparent: `00-${TRACE_ID}-${SPAN_ID}-03` });
      const context = grandchild(
        parent,
        new BasicTracerProvider({ sampler: new AlwaysOffSampler() }),
      );
      expect(inject(context)["traceparent"]).toMatch(/-02$/);
    });

    it("is passed on together with the trace state, even if a sampler changes that", () => {
      const parent = extract({ traceparent: `00-${TRACE_ID}-${SPAN_ID}-02`, tracestate: "foo=1" });
      const sampler = {
        shouldSample: (context: Context) => {
          const traceState = trace.getSpanContext(context)?.traceState?.set("ot", "th:8");
          return {
            decision: SamplingDecision.RECORD_AND_SAMPLED,
            ...(traceState && { traceState }),
          };
        },
      };
      const headers = inject(grandchild(parent, new BasicTracerProvider({ sampler })));
      expect(headers["traceparent"]).toMatch(/-03$/);
      expect(headers["tracestate"]).toBe("ot=th:8,foo=1");
    });

    it("is not invented for a trace that came without it", () => {
      const parent = extract({ traceparent: `00-${TRACE_ID}-${SPAN_ID}-01`, tracestate: "foo=1" });
      expect(inject(grandchild(parent))["traceparent"]).toMatch(/-01$/);
    });

    it("survives from one copy of the package to another", () => {
      let other: TextMapPropagator | undefined;
      jest.isolateModules(() => {
        other = jest
          .requireActual<{ createPropagator: typeof createPropagator }>(
            "../../lib/propagation/createPropagator.js",
          )
          .createPropagator();
      });
      const parent = extract({ traceparent: `00-${TRACE_ID}-${SPAN_ID}-03`, tracestate: "foo@=1" });
      expect(inject(grandchild(parent), other)).toMatchObject({
        traceparent: expect.stringMatching(/-03$/) as string,
        tracestate: "foo@=1",
      });
    });
  });

  describe("what it writes", () => {
    it("is nothing without a span, with an invalid one, or while tracing is suppressed", () => {
      expect(inject(ROOT_CONTEXT)).toEqual({});
      expect(inject(spanContext({ traceId: "0".repeat(32) }))).toEqual({});
      expect(inject(spanContext({ spanId: "short" }))).toEqual({});
      expect(
        inject(
          suppressTracing(
            propagation.setBaggage(
              spanContext({}),
              propagation.createBaggage({ a: { value: "1" } }),
            ),
          ),
        ),
      ).toEqual({});
    });

    it.each([
      [0, "00"],
      [0x10, "00"],
      [0xff, "03"],
      [-1, "03"],
      [Number.NaN, "00"],
      [1.5, "01"],
    ])("has two-digit flags for %p", (traceFlags, digits) => {
      expect(inject(spanContext({ traceFlags }))["traceparent"]).toBe(
        `00-${TRACE_ID}-${SPAN_ID}-${digits}`,
      );
    });

    it("has ids in lower case, which the API does not require", () => {
      const headers = inject(
        spanContext({ traceId: TRACE_ID.toUpperCase(), spanId: SPAN_ID.toUpperCase() }),
      );
      expect(headers["traceparent"]).toBe(`00-${TRACE_ID}-${SPAN_ID}-01`);
    });

    it("has a host's trace state if that is legal, and none otherwise", () => {
      expect(
        inject(spanContext({ traceState: createTraceState("foo=1,bar=2") }))["tracestate"],
      ).toBe("foo=1,bar=2");
      for (const text of ["", "FOO=1", "foo=1,FOO=2", "foo=\n"]) {
        expect(inject(spanContext({ traceState: { serialize: () => text } }))).toEqual({
          traceparent: `00-${TRACE_ID}-${SPAN_ID}-01`,
        });
      }
    });

    it("has no baggage that the grammar forbids", () => {
      const metadata = (text: string): { toString(): string } => ({ toString: () => text });
      const entries = {
        plain: { value: "1" },
        "lone\ud800": { value: "1" },
        lone: { value: "\udfff" },
        "with(parens)": { value: "1" },
        "": { value: "1" },
        "ä b": { value: "ä, b" },
        line: { value: "1", metadata: metadata("p\r\nset-cookie: a=b") },
        comma: { value: "1", metadata: metadata("p,q=1") },
        property: { value: "1", metadata: metadata("p=1;q") },
        none: { value: "1", metadata: metadata("") },
        empty: { value: "" },
      };
      expect(inject(baggage(entries as never))["baggage"]).toBe(
        "plain=1,%C3%A4%20b=%C3%A4%2C%20b,line=1,comma=1,property=1;p=1;q,none=1,empty=",
      );
    });

    it.each<[string, string, string | undefined]>([
      ["key", "p", "key=1;p"],
      ["(key)", "", undefined],
      ["key", "p\r\nx: y", "key=1"],
      ["key", "p,q=2", "key=1"],
      ["key", "p=\u00e4", "key=1"],
      ["key", "", "key=1"],
      ["key", " p = 1", "key=1"],
      ["key", "p=1; q ;r=", "key=1;p=1; q ;r="],
    ])("has only the legal part of baggage with key %j and metadata %j", (key, text, expected) => {
      expect(
        inject(baggage({ [key]: { value: "1", metadata: { toString: () => text } as never } }))[
          "baggage"
        ],
      ).toBe(expected);
    });

    it("keeps within the limits of baggage", () => {
      const many = Object.fromEntries(
        Array.from({ length: 10_000 }, (_, index) => [`k${index}`, { value: "v" }]),
      );
      expect(inject(baggage(many))["baggage"]?.split(",")).toHaveLength(180);
      const large = Object.fromEntries(
        Array.from({ length: 20 }, (_, index) => [`k${index}`, { value: "v".repeat(1_000) }]),
      );
      expect(inject(baggage(large))["baggage"]?.length).toBeLessThanOrEqual(8_192);
      expect(inject(baggage({ a: { value: "v".repeat(4_095) }, b: { value: "2" } }))).toEqual({
        baggage: "b=2",
      });
    });

    it("has no baggage while tracing is suppressed, and the same baggage again afterwards", () => {
      const context = baggage({ a: { value: "1" } });
      expect(
        [suppressTracing(context), context, suppressTracing(context), context].map(
          (each) => inject(each)["baggage"],
        ),
      ).toEqual([undefined, "a=1", undefined, "a=1"]);
    });

    it("has each context's own baggage, not the previous one's", () => {
      const first = baggage({ a: { value: "1" } });
      const second = baggage({ a: { value: "2" } });
      expect([first, first, second, first].map((context) => inject(context)["baggage"])).toEqual([
        "a=1",
        "a=1",
        "a=2",
        "a=1",
      ]);
    });
  });

  describe("extract", () => {
    it("returns the given context unchanged if there is nothing to read", () => {
      const given = spanContext({});
      for (const carrier of [
        {},
        { traceparent: "nonsense" },
        { tracestate: "foo=1" },
        { baggage: "" },
      ]) {
        expect(propagator.extract(given, carrier, defaultTextMapGetter)).toBe(given);
      }
    });

    it("accepts a single header in a list, and reads nothing from values that are not strings", () => {
      expect(inject(extract({ traceparent: [`00-${TRACE_ID}-${SPAN_ID}-01`] }))).not.toEqual({});
      for (const value of [1, null, {}, [1], [], [[`00-${TRACE_ID}-${SPAN_ID}-01`]], Symbol("x")]) {
        expect(extract({ traceparent: value, baggage: value })).toBe(ROOT_CONTEXT);
      }
    });

    it("reads only part of a megabyte of baggage, and cuts no member in two", () => {
      const context = extract({
        baggage: `${"a,".repeat(32_000)}b=${"v".repeat(3_000)},c=3,${"d=4,".repeat(250_000)}`,
      });
      expect(propagation.getBaggage(context)).toBeUndefined();
      expect(inject(extract({ baggage: `a=1,${"x".repeat(1_000_000)}` }))).toEqual({
        baggage: "a=1",
      });
    });

    it("reads up to 65,536 characters of baggage, and several headers as one", () => {
      const header = `a=1,${"x".repeat(65_536 - "a=1,,b=2".length)},b=2`;
      expect(inject(extract({ baggage: header }))).toEqual({ baggage: "a=1,b=2" });
      expect(inject(extract({ baggage: `${header}2` }))).toEqual({ baggage: "a=1" });
      expect(inject(extract({ baggage: ["a=1", 2, "b=2"] }))).toEqual({ baggage: "a=1,b=2" });
      expect(inject(extract({ baggage: ["x".repeat(70_000)] }))).toEqual({});
    });

    it("treats dangerous baggage keys as ordinary entries", () => {
      const context = extract({ baggage: "__proto__=1,constructor=2,toString=3" });
      expect(propagation.getBaggage(context)?.getEntry("constructor")?.value).toBe("2");
      expect(({} as Record<string, unknown>)["value"]).toBeUndefined();
    });
  });

  it("reports that a carrier could not be used", () => {
    const said = keepDiagnostics();
    const failing = {
      get: () => {
        throw new Error("spec");
      },
      keys: () => [],
    };
    propagator.extract(ROOT_CONTEXT, {}, failing);
    said.stop();
    const message = "land-telemetry: a carrier could not be used";
    expect(said.messages.slice(0, 2)).toEqual([message, message]);
  });

  it("reads and writes one part even if the other fails", () => {
    const carrier: Record<string, string> = {
      traceparent: `00-${TRACE_ID}-${SPAN_ID}-01`,
      baggage: "a=1",
    };
    for (const failing of ["traceparent", "baggage"]) {
      const context = propagator.extract(ROOT_CONTEXT, carrier, {
        get: (from: Record<string, string>, key) => {
          if (key === failing) throw new Error("spec");
          return from[key];
        },
        keys: () => [],
      });
      expect(trace.getSpanContext(context) === undefined).toBe(failing === "traceparent");
      expect(propagation.getBaggage(context) === undefined).toBe(failing === "baggage");

      const written: Record<string, string> = {};
      propagator.inject(extract(carrier), written, {
        set: (to: Record<string, string>, key, value) => {
          if (key === failing) throw new Error("spec");
          to[key] = value;
        },
      });
      expect(Object.keys(written)).toEqual(
        ["traceparent", "baggage"].filter((key) => key !== failing),
      );
    }
  });
});
