import type { Context } from "@opentelemetry/api";
import { propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import type { Span } from "@opentelemetry/sdk-trace-base";
import * as fc from "fast-check";
import { childEnvironment, parentContext } from "../../lib/carriers/environment.js";
import { extract, inject } from "../../lib/carriers/headers.js";
import {
  adoptPayloadMark,
  extractPayload,
  injectPayload,
  markPayload,
  stripPayload,
} from "../../lib/carriers/payloads.js";
import { formatTraceparent, parseTraceparent } from "../../lib/propagation/traceparent.js";
import { globalState } from "../../lib/shared/globalState.js";
import { contextWith, TRACE_ID } from "./contexts.js";
import type { Hostile } from "./hostile.js";
import { FUZZ_TIMEOUT_MS, fuzzRuns, hostileCarrier, hostileText } from "./hostile.js";
import { snapshot } from "./snapshot.js";

// The grammars again, written differently from those in the code.
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[0-3]$/;
const TRACESTATE_KEY = /^[a-z0-9][a-z0-9_*/@-]{0,255}$/;
const TRACESTATE_VALUE = /^(?!.* $)[ -~]{1,256}$/;
const BAGGAGE_KEY = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const BAGGAGE_VALUE = /^[!#-+\--:<-[\]-~]*$/;

function expectLegal(headers: Record<string, string>): void {
  const { traceparent, tracestate, baggage, ...others } = headers;
  expect(others).toEqual({});
  if (traceparent !== undefined) expect(traceparent).toMatch(TRACEPARENT);
  if (tracestate !== undefined) {
    const members = tracestate.split(",").map((member) => member.split("="));
    expect(members.length).toBeLessThanOrEqual(32);
    expect(new Set(members.map(([key]) => key)).size).toBe(members.length);
    for (const [key, value, ...rest] of members) {
      expect(key).toMatch(TRACESTATE_KEY);
      expect(value).toMatch(TRACESTATE_VALUE);
      expect(rest).toEqual([]);
    }
  }
  if (baggage !== undefined) {
    expect(baggage.length).toBeLessThanOrEqual(8_192);
    const members = baggage.split(",");
    expect(members.length).toBeLessThanOrEqual(180);
    for (const member of members) {
      expect(member.length).toBeLessThanOrEqual(4_096);
      const [pair = "", ...properties] = member.split(";");
      for (const [index, part] of [
        pair,
        ...properties.map((property) => property.trim()),
      ].entries()) {
        const at = part.indexOf("=");
        expect(at === -1 ? part : part.slice(0, at)).toMatch(BAGGAGE_KEY);
        if (index === 0) expect(at).toBeGreaterThan(0);
        if (at !== -1) expect(part.slice(at + 1)).toMatch(BAGGAGE_VALUE);
      }
    }
  }
}

const written = (context: Context): Record<string, string> =>
  inject<Record<string, string>>({}, context);

/** Runs the check with each carrier, and compares the state behind the carrier before and after. */
function unchanged(share: number, run: (carrier: unknown, hostile: Hostile) => void): void {
  fc.assert(
    fc.property(hostileCarrier, (hostile) => {
      const before = hostile.parts.map(snapshot);
      run(hostile.carrier, hostile);
      expect(hostile.parts.map(snapshot)).toEqual(before);
    }),
    { numRuns: fuzzRuns(share) },
  );
}

describe("hostile carriers", () => {
  it(
    "extract: it neither throws nor changes them, and what is passed on is legal",
    () => {
      let found = 0;
      unchanged(0.35, (carrier) => {
        const context = extract(carrier, ROOT_CONTEXT);
        if (context === ROOT_CONTEXT) return;
        found++;
        expectLegal(written(context));
      });
      // If every carrier were refused, this would prove nothing.
      expect(found).toBeGreaterThan(0);
    },
    FUZZ_TIMEOUT_MS,
  );

  it(
    "inject: it does not throw, returns the same carrier, and leaves one traceparent in a plain object",
    () => {
      const context = contextWith({ a: "1" });
      let writtenTo = 0;
      fc.assert(
        fc.property(hostileCarrier, ({ carrier, parts: [state] }) => {
          const others = othersIn(state);
          expect(inject(carrier, context)).toBe(carrier);
          expect(othersIn(state)).toBe(others);
          const names =
            carrier === state && isOpenObject(carrier)
              ? Object.keys(carrier).filter((key) => key.toLowerCase() === "traceparent")
              : undefined;
          if (names === undefined) return;
          writtenTo++;
          expect(names).toEqual(["traceparent"]);
          expect(formatted(extract(carrier, ROOT_CONTEXT))).toBe(formatted(context));
        }),
        { numRuns: fuzzRuns(0.15) },
      );
      expect(writtenTo).toBeGreaterThan(0);
    },
    FUZZ_TIMEOUT_MS,
  );

  it(
    "payloads: nothing throws or changes them, and what is injected is extracted and stripped",
    () => {
      const span = new BasicTracerProvider()
        .getTracer("spec")
        .startSpan("span", {}, contextWith()) as Span;
      globalState().spanMarks.set(span, `${TRACE_ID}-${span.spanContext().spanId}`);
      const context = contextWith({ a: "1" });
      let carried = 0;
      unchanged(0.3, (payload, { parts }) => {
        extractPayload(payload, ROOT_CONTEXT);
        stripPayload(payload);
        adoptPayloadMark(payload, span);
        const marked = markPayload(payload, span);
        const sent = injectPayload(payload, context);
        if (Object.is(sent, payload)) return;
        carried++;
        expect(formatted(extractPayload(sent, ROOT_CONTEXT))).toBe(formatted(context));
        expect(adoptPayloadMark(marked, span)).toBe(true);
        expect(contentOfPayload(stripPayload(sent))).toEqual(contentOfPayload(parts[0] ?? {}));
      });
      expect(carried).toBeGreaterThan(0);
    },
    FUZZ_TIMEOUT_MS,
  );

  it(
    "environments: nothing throws or changes them",
    () => {
      unchanged(0.1, (env) => {
        parentContext(env as NodeJS.ProcessEnv);
        const child = childEnvironment(env as NodeJS.ProcessEnv, contextWith());
        expect(Object.values(child).every((held) => typeof held === "string")).toBe(true);
      });
    },
    FUZZ_TIMEOUT_MS,
  );

  it(
    "header values: they are read or refused, and written again with the same meaning",
    () => {
      fc.assert(
        fc.property(hostileText, hostileText, hostileText, (traceparent, tracestate, baggage) => {
          const parsed = parseTraceparent(traceparent);
          const context = extract({ traceparent, tracestate, baggage }, ROOT_CONTEXT);
          expect(trace.getSpanContext(context)?.spanId).toBe(parsed?.spanId);
          const headers = written(context);
          expectLegal(headers);
          if (parsed !== undefined) expect(headers["traceparent"]).toBe(formatTraceparent(parsed));
          // What we have written, we read and write again unchanged.
          expect(written(extract(headers, ROOT_CONTEXT))).toEqual(headers);
        }),
        { numRuns: fuzzRuns(0.1) },
      );
    },
    FUZZ_TIMEOUT_MS,
  );

  it("cost: reads grow at most in proportion to a carrier's keys, however large its values are", () => {
    const reads = (keys: number, size: number): number => {
      const content = Object.fromEntries(
        Array.from({ length: keys }, (_, index) => [`k${index}`, "x".repeat(size)]),
      );
      let count = 0;
      const counting: ProxyHandler<object> = {
        get: (target, name) => (count++, Reflect.get(target, name) as unknown),
        getOwnPropertyDescriptor: (target, name) => (
          count++,
          Reflect.getOwnPropertyDescriptor(target, name)
        ),
      };
      extract(
        new Proxy(
          {
            ...content,
            traceparent: "x".repeat(size),
            tracestate: "x".repeat(size),
            baggage: "x".repeat(size),
          },
          counting,
        ),
        ROOT_CONTEXT,
      );
      return count;
    };
    const [ten, hundred, thousand] = [reads(10, 10), reads(100, 10), reads(1_000, 10)];
    expect(hundred).toBeLessThanOrEqual(ten * 10);
    expect(thousand).toBeLessThanOrEqual(hundred * 10);
    expect(reads(10, 1_000_000)).toBe(ten);
    // Object.keys reads one descriptor per key, for each of the three names.
    expect(thousand).toBeLessThanOrEqual(3 * 1_003 + 20);
  });

  it("cost: baggage and trace state are read only up to their bounds", () => {
    const far = (size: number): string => `${"a,".repeat(size)}b=2`;
    expect(
      propagation.getBaggage(extract({ baggage: far(1_000) }, ROOT_CONTEXT))?.getEntry("b")?.value,
    ).toBe("2");
    expect(
      propagation.getBaggage(extract({ baggage: far(1_000_000) }, ROOT_CONTEXT)),
    ).toBeUndefined();
    const state = (size: number): string | undefined =>
      written(
        extract({ ...written(contextWith()), tracestate: `${",".repeat(size)}b=2` }, ROOT_CONTEXT),
      )["tracestate"];
    expect(state(1_000)).toBe("b=2");
    expect(state(1_000_000)).toBeUndefined();
  });
});

/** Whether a value is a plain object that takes new keys and has no methods or getters. */
function isOpenObject(value: unknown): value is object {
  if (
    typeof value !== "object" ||
    value === null ||
    Object.getPrototypeOf(value) !== Object.prototype ||
    !Object.isExtensible(value)
  )
    return false;
  return Object.values(Object.getOwnPropertyDescriptors(value)).every(
    (descriptor) => !("get" in descriptor) && typeof descriptor.value !== "function",
  );
}

/** The state of all keys that are not ours. */
function othersIn(value: unknown): string {
  if (typeof value !== "object" || value === null) return snapshot(value);
  const descriptors = Object.entries(Object.getOwnPropertyDescriptors(value));
  return snapshot(
    descriptors.filter(
      ([key]) => !/^(?:traceparent|tracestate|baggage|self|internalRepr)$/i.test(key),
    ),
  );
}

/** The own members of a payload, without telemetry's keys. */
function contentOfPayload(payload: unknown): [string, unknown][] {
  return Object.entries(payload as object).filter(
    ([key]) => !/^_(?:traceparent|tracestate|baggage|land-counted)$/.test(key),
  );
}

function formatted(context: Context): string {
  const spanContext = trace.getSpanContext(context);
  return spanContext === undefined ? "" : formatTraceparent(spanContext);
}
