import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { Metadata } from "@grpc/grpc-js";
import { extract } from "../../lib/carriers/headers.js";
import { contentOf, SPAN_ID, TRACE_ID, TRACEPARENT } from "./contexts.js";

const OTHER = `00-${TRACE_ID}-b7ad6b7169203331-01`;
const from = (carrier: unknown): ReturnType<typeof contentOf> =>
  contentOf(extract(carrier, ROOT_CONTEXT));
const found = { spanId: SPAN_ID, baggage: { a: "1" } };
const nothing = { spanId: undefined, baggage: {} };

describe("extract", () => {
  it("reads a plain object, a Map, Headers, gRPC metadata, and lists of values", () => {
    const headers = { traceparent: TRACEPARENT, baggage: "a=1" };
    expect(from(headers)).toEqual(found);
    expect(from(Object.assign(Object.create(null) as object, headers))).toEqual(found);
    expect(from(new Map(Object.entries(headers)))).toEqual(found);
    expect(from(new Headers(headers))).toEqual(found);
    expect(from({ traceparent: [TRACEPARENT], baggage: ["a=1"] })).toEqual(found);
    const metadata = new Metadata();
    metadata.set("traceparent", TRACEPARENT);
    metadata.set("baggage", "a=1");
    expect(from(metadata)).toEqual(found);
  });

  it("reads names in any letter case", () => {
    expect(from({ TraceParent: TRACEPARENT, BAGGAGE: "a=1" })).toEqual(found);
    expect(
      from(
        new Map([
          ["TRACEPARENT", TRACEPARENT],
          ["Baggage", "a=1"],
        ]),
      ),
    ).toEqual(found);
  });

  it("treats more than one traceparent as none", () => {
    expect(from({ traceparent: TRACEPARENT, Traceparent: OTHER })).toEqual(nothing);
    expect(from({ traceparent: TRACEPARENT, TRACEPARENT })).toEqual(nothing);
    expect(from({ traceparent: [TRACEPARENT, OTHER] })).toEqual(nothing);
    expect(
      from(
        new Map([
          ["traceparent", TRACEPARENT],
          ["Traceparent", OTHER],
        ]),
      ),
    ).toEqual(nothing);
    const headers = new Headers();
    headers.append("traceparent", TRACEPARENT);
    headers.append("traceparent", OTHER);
    expect(from(headers)).toEqual(nothing);
    const metadata = new Metadata();
    metadata.add("traceparent", TRACEPARENT);
    metadata.add("traceparent", OTHER);
    expect(from(metadata)).toEqual(nothing);
    // Node's HTTP/2 joins repeated headers like this; the values are of version 00 and of a later one.
    for (const one of [TRACEPARENT, TRACEPARENT.replace("00", "01"), `01${OTHER.slice(2)}-more`]) {
      const joined = new Metadata();
      joined.set("traceparent", `${one}, ${one}`);
      expect(from(joined)).toEqual(nothing);
      expect(from({ traceparent: `${one}, ${one}` })).toEqual(nothing);
    }
  });

  it("joins trace state and baggage found in several letter cases", () => {
    const context = extract(
      {
        traceparent: TRACEPARENT,
        tracestate: "a=1",
        TraceState: ["b=2", "c=3"],
        baggage: "a=1",
        Baggage: "b=2",
      },
      ROOT_CONTEXT,
    );
    expect(trace.getSpanContext(context)?.traceState?.serialize()).toBe("a=1,b=2,c=3");
    expect(contentOf(context).baggage).toEqual({ a: "1", b: "2" });
  });

  it("joins trace state and baggage that gRPC metadata holds more than once", () => {
    const metadata = new Metadata();
    metadata.set("TraceParent", TRACEPARENT);
    for (const member of ["a=1", "b=2"]) {
      metadata.add("tracestate", member);
      metadata.add("baggage", member);
    }
    const context = extract(metadata, ROOT_CONTEXT);
    expect(trace.getSpanContext(context)?.traceState?.serialize()).toBe("a=1,b=2");
    expect(contentOf(context).baggage).toEqual({ a: "1", b: "2" });
  });

  it("finds the exact name behind many others", () => {
    const many = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, index) => [`k${index}`, "v"]),
    );
    expect(from({ ...many, traceparent: TRACEPARENT, baggage: "a=1" })).toEqual(found);
    expect(
      from(new Map(Object.entries({ ...many, traceparent: TRACEPARENT, baggage: "a=1" }))),
    ).toEqual(found);
  });

  it("does not read what a carrier only inherits", () => {
    expect(from(Object.create({ traceparent: TRACEPARENT }))).toEqual(nothing);
    expect(from(JSON.parse(`{"__proto__":{"traceparent":"${TRACEPARENT}"}}`))).toEqual(nothing);
  });

  it.each<[string, unknown]>([
    ["null", null],
    ["undefined", undefined],
    ["a number", 7],
    ["text", TRACEPARENT],
    ["an array", [["traceparent", TRACEPARENT]]],
    ["a function", () => TRACEPARENT],
    ["values that are no text", { traceparent: 1, tracestate: {}, baggage: null }],
    [
      "a getter that throws",
      {
        get traceparent(): string {
          throw new Error("spec");
        },
      },
    ],
    [
      "a get method that throws",
      {
        get: () => {
          throw new Error("spec");
        },
      },
    ],
    ["a get method that gives anything", { get: () => ({ length: 3 }) }],
    [
      "a megabyte",
      {
        traceparent: "0".repeat(1_000_000),
        tracestate: "a".repeat(1_000_000),
        baggage: "b".repeat(1_000_000),
      },
    ],
    [
      "half of a surrogate pair",
      { traceparent: `${TRACEPARENT.slice(0, 54)}\ud800`, baggage: "\ud800" },
    ],
  ])("reads nothing from %s", (_name, carrier) => {
    expect(extract(carrier, ROOT_CONTEXT)).toBe(ROOT_CONTEXT);
  });

  it("reads nothing from a proxy that throws, or is revoked", () => {
    const fail = (): never => {
      throw new Error("spec");
    };
    expect(
      extract(
        new Proxy(
          {},
          {
            get: fail,
            has: fail,
            ownKeys: fail,
            getPrototypeOf: fail,
            getOwnPropertyDescriptor: fail,
          },
        ),
        ROOT_CONTEXT,
      ),
    ).toBe(ROOT_CONTEXT);
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(extract(proxy, ROOT_CONTEXT)).toBe(ROOT_CONTEXT);
  });

  it("reads 10,000 baggage members only up to the limit", () => {
    const baggage = Array.from({ length: 10_000 }, (_, index) => `k${index}=v`).join(",");
    expect(Object.keys(from({ baggage }).baggage)).toHaveLength(180);
  });
});
