import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Context, TextMapGetter } from "@opentelemetry/api";
import { propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { Metadata } from "@grpc/grpc-js";
import { childEnvironment, parentContext } from "../../lib/carriers/environment.js";
import { extract, inject } from "../../lib/carriers/headers.js";
import { extractPayload, injectPayload } from "../../lib/carriers/payloads.js";
import { createPropagator } from "../../lib/propagation/createPropagator.js";
import { formatTraceparent, parseTraceparent } from "../../lib/propagation/traceparent.js";

type Headers = string[] | { before: string; repeat: string; times: number };
interface SpanExpectation {
  traceId: string;
  spanId: string;
  sampled: boolean;
  random: boolean;
}
interface TraceparentFile {
  vectors: {
    name: string;
    headers: Headers;
    expected: SpanExpectation | null;
    rewritten?: string;
  }[];
}
interface TracestateFile {
  with: string;
  vectors: { name: string; headers: Headers; expected: string }[];
}
interface BaggageFile {
  vectors: {
    name: string;
    headers: Headers;
    expected: Record<string, string>;
    rewritten: string;
  }[];
}
interface CarrierFile {
  context: SpanExpectation & { tracestate: string; baggage: Record<string, string> };
  carriers: {
    carrier: string;
    name?: string;
    before?: string | Record<string, string>;
    expected: string | Record<string, string>;
    anyOrder?: boolean;
  }[];
}

const read = (file: string): unknown => JSON.parse(readFileSync(join(__dirname, file), "utf8"));
const propagator = createPropagator();
const lists: TextMapGetter<Record<string, string[]>> = {
  get: (carrier, key) => carrier[key],
  keys: (carrier) => Object.keys(carrier),
};

function values(headers: Headers): string[] {
  return Array.isArray(headers) ? headers : [headers.before + headers.repeat.repeat(headers.times)];
}

function extracted(carrier: Record<string, string[]>): Context {
  return propagator.extract(ROOT_CONTEXT, carrier, lists);
}

function written(context: Context): Record<string, string> {
  return inject<Record<string, string>>({}, context);
}

function expectSpan(context: Context, expected: SpanExpectation): void {
  const spanContext = trace.getSpanContext(context);
  expect(spanContext).toMatchObject({
    traceId: expected.traceId,
    spanId: expected.spanId,
    isRemote: true,
  });
  expect(spanContext?.traceFlags).toBe((expected.sampled ? 1 : 0) | (expected.random ? 2 : 0));
}

function entries(context: Context): Record<string, string> {
  const all = propagation.getBaggage(context)?.getAllEntries() ?? [];
  return Object.fromEntries(all.map(([key, entry]) => [key, entry.value]));
}

describe("conformance vectors", () => {
  describe("traceparent", () => {
    const { vectors } = read("traceparent.json") as TraceparentFile;

    it.each(vectors)("$name", ({ headers, expected, rewritten }) => {
      const context = extracted({ traceparent: values(headers) });
      if (expected === null) {
        expect(context).toBe(ROOT_CONTEXT);
        return;
      }
      expectSpan(context, expected);
      expect(written(context)).toEqual({ traceparent: rewritten });
    });

    it.each(vectors.filter(({ headers }) => values(headers).length === 1))(
      "parseTraceparent: $name",
      ({ headers, expected, rewritten }) => {
        const spanContext = parseTraceparent(values(headers)[0]);
        expect(spanContext === undefined).toBe(expected === null);
        if (spanContext !== undefined) expect(formatTraceparent(spanContext)).toBe(rewritten);
      },
    );
  });

  describe("tracestate", () => {
    const { vectors, with: traceparent } = read("tracestate.json") as TracestateFile;

    it.each(vectors)("$name", ({ headers, expected }) => {
      const context = extracted({ traceparent: [traceparent], tracestate: values(headers) });
      expect(written(context)).toEqual({
        traceparent,
        ...(expected === "" ? {} : { tracestate: expected }),
      });
    });

    it.each(vectors)("is ignored without a traceparent: $name", ({ headers }) => {
      expect(extracted({ tracestate: values(headers) })).toBe(ROOT_CONTEXT);
    });
  });

  describe("baggage", () => {
    const { vectors } = read("baggage.json") as BaggageFile;

    it.each(vectors)("$name", ({ headers, expected, rewritten }) => {
      const context = extracted({ baggage: values(headers) });
      expect(entries(context)).toEqual(expected);
      expect(written(context)).toEqual(rewritten === "" ? {} : { baggage: rewritten });
    });
  });

  describe("carriers", () => {
    const { context: expectation, carriers } = read("carriers.json") as CarrierFile;
    const context = extracted({
      traceparent: [`00-${expectation.traceId}-${expectation.spanId}-03`],
      tracestate: [expectation.tracestate],
      baggage: [
        Object.entries(expectation.baggage)
          .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
          .join(","),
      ],
    });
    const text = (value: unknown): string =>
      typeof value === "string" ? value : JSON.stringify(value);
    const fields = (block: string): string[][] =>
      block
        .split("\r\n")
        .filter(Boolean)
        .map((line) => line.split(": "));

    function expectContext(back: Context): void {
      expectSpan(back, expectation);
      expect(trace.getSpanContext(back)?.traceState?.serialize()).toBe(expectation.tracestate);
      expect(entries(back)).toEqual(expectation.baggage);
    }

    it.each(carriers)("$carrier $name", ({ carrier, before, expected, anyOrder }) => {
      switch (carrier) {
        case "headers": {
          const headers = inject(new Map<string, string>(), context);
          expect(Array.from(headers, ([key, value]) => `${key}: ${value}\r\n`).join("")).toBe(
            expected,
          );
          expectContext(extract(new Headers(fields(text(expected))), ROOT_CONTEXT));
          return;
        }
        case "grpc-metadata": {
          const metadata = inject(new Metadata(), context);
          const sent = Object.entries(metadata.toHttp2Headers()).map(
            ([key, value]) => `${key}: ${String(value)}\r\n`,
          );
          expect(sent.join("")).toBe(expected);
          const received = new Metadata();
          for (const [key = "", value = ""] of fields(text(expected))) received.add(key, value);
          expectContext(extract(received, ROOT_CONTEXT));
          return;
        }
        case "json-rpc":
          expect(JSON.stringify(inject(JSON.parse(text(before)) as object, context))).toBe(
            expected,
          );
          expectContext(extract(JSON.parse(text(expected)), ROOT_CONTEXT));
          return;
        case "payload": {
          const result = injectPayload(JSON.parse(text(before)), context);
          if (anyOrder === true) expect(result).toEqual(JSON.parse(text(expected)));
          else expect(JSON.stringify(result)).toBe(expected);
          const received: unknown = JSON.parse(text(expected));
          if (text(before) !== text(expected))
            expectContext(extractPayload(received, ROOT_CONTEXT));
          else expect(extractPayload(received, ROOT_CONTEXT)).toBe(ROOT_CONTEXT);
          return;
        }
        case "environment":
          expect(childEnvironment(before as Record<string, string>, context)).toEqual(expected);
          expectContext(parentContext(expected as Record<string, string>));
          return;
        default:
          throw new Error(`no such carrier: ${carrier}`);
      }
    });
  });
});
