import { runInNewContext } from "node:vm";
import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { extract } from "../../lib/carriers/headers.js";
import { extractPayload, injectPayload, stripPayload } from "../../lib/carriers/payloads.js";
import { contentOf, contextWith, inSession, SPAN_ID, TRACEPARENT } from "./contexts.js";

const keys = { _traceparent: TRACEPARENT };

describe("injectPayload", () => {
  it("puts the keys at the top level of a copy", () => {
    const nested = { deep: true };
    const payload = { a: 1, nested };
    const result = injectPayload(payload, contextWith({ b: "2" })) as typeof payload;
    expect(result).toEqual({ a: 1, nested, ...keys, _baggage: "b=2" });
    expect(result.nested).toBe(nested);
    expect(payload).toEqual({ a: 1, nested });
  });

  it("makes an object of null and undefined", () => {
    expect(injectPayload(null, contextWith())).toEqual(keys);
    expect(injectPayload(undefined, contextWith())).toEqual(keys);
  });

  it("returns the payload unchanged when there is no trace", () => {
    const payload = { a: 1 };
    expect(injectPayload(payload, ROOT_CONTEXT)).toBe(payload);
    expect(injectPayload(null, ROOT_CONTEXT)).toBeNull();
    expect(injectPayload(undefined, ROOT_CONTEXT)).toBeUndefined();
    expect(inSession("s-1", () => injectPayload(payload, ROOT_CONTEXT))).toBe(payload);
  });

  it("carries the trace state and the session", () => {
    const context = extract({ traceparent: TRACEPARENT, tracestate: "foo=1" }, ROOT_CONTEXT);
    expect(inSession("s-1", () => injectPayload({}, context))).toEqual({
      ...keys,
      _tracestate: "foo=1",
      _baggage: "session.id=s-1",
    });
  });

  it("replaces the keys of a payload that is forwarded", () => {
    expect(
      injectPayload({ _traceparent: "old", _tracestate: "old=1", a: 1 }, contextWith()),
    ).toEqual({ ...keys, a: 1 });
  });

  it.each<[string, unknown]>([
    ["an array", [1]],
    ["text", "text"],
    ["a number", 0],
    ["false", false],
    ["a Date", new Date()],
    ["a Map", new Map()],
    ["bytes", Buffer.from("x")],
    [
      "a class instance",
      new (class Instance {
        a = 1;
      })(),
    ],
    ["a function", () => 1],
    ["an Error", new Error("x")],
  ])("returns %s unchanged", (_name, payload) => {
    expect(injectPayload(payload, contextWith())).toBe(payload);
  });

  it("accepts frozen and circular payloads, null prototypes, other realms and __proto__ keys", () => {
    const frozen = Object.freeze({ a: 1 });
    expect(injectPayload(frozen, contextWith())).toEqual({ a: 1, ...keys });

    const circular: Record<string, unknown> = { a: 1 };
    circular["self"] = circular;
    const copy = injectPayload(circular, contextWith()) as typeof circular;
    expect(copy["_traceparent"]).toBe(TRACEPARENT);
    expect(copy["self"]).toBe(circular);
    expect(circular).not.toHaveProperty("_traceparent");

    const bare = Object.assign(Object.create(null) as Record<string, unknown>, { a: 1 });
    const bareCopy = injectPayload(bare, contextWith());
    expect(Object.getPrototypeOf(bareCopy)).toBeNull();
    expect({ ...(bareCopy as object) }).toEqual({ a: 1, ...keys });

    expect(injectPayload(runInNewContext("({ a: 1 })"), contextWith())).toEqual({ a: 1, ...keys });

    const text = '{"__proto__":{"polluted":true},"a":1}';
    const polluting = injectPayload(JSON.parse(text), contextWith());
    expect(JSON.stringify(polluting)).toBe(`${text.slice(0, -1)},"_traceparent":"${TRACEPARENT}"}`);
    expect((polluting as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it("returns the same object if a payload cannot be copied", () => {
    const throwing = {
      get a(): never {
        throw new Error("spec");
      },
    };
    expect(injectPayload(throwing, contextWith())).toBe(throwing);
  });
});

describe("extractPayload", () => {
  it("reads what injectPayload wrote", () => {
    const context = extract(
      { traceparent: TRACEPARENT, tracestate: "foo=1", baggage: "a=%C3%A4" },
      ROOT_CONTEXT,
    );
    const sent = JSON.parse(JSON.stringify(injectPayload({ x: 1 }, context))) as unknown;
    const back = extractPayload(sent, ROOT_CONTEXT);
    expect(contentOf(back)).toEqual({ spanId: SPAN_ID, baggage: { a: "ä" } });
    expect(trace.getSpanContext(back)?.traceState?.serialize()).toBe("foo=1");
  });

  it.each<[string, unknown]>([
    ["null", null],
    ["an array", [keys]],
    ["text", "text"],
    ["names without the underscore", { traceparent: TRACEPARENT }],
    ["names in another letter case", { _TraceParent: TRACEPARENT }],
    ["inherited keys", Object.create(keys)],
    ["lists", { _traceparent: [TRACEPARENT] }],
    ["wrong types", { _traceparent: 1, _tracestate: {}, _baggage: [] }],
    [
      "a throwing getter",
      {
        get _traceparent(): never {
          throw new Error("spec");
        },
      },
    ],
  ])("reads nothing from %s", (_name, payload) => {
    expect(extractPayload(payload, ROOT_CONTEXT)).toBe(ROOT_CONTEXT);
  });
});

describe("stripPayload", () => {
  it("returns a copy without the keys, for the handler to see", () => {
    const sent = injectPayload({ a: 1 }, contextWith({ b: "2" }));
    expect(stripPayload(sent)).toEqual({ a: 1 });
    expect(sent).toHaveProperty("_traceparent");
    expect(stripPayload(injectPayload(null, contextWith()))).toEqual({});
  });

  it("returns the same payload when there is nothing to remove", () => {
    for (const payload of [{ a: 1 }, null, [1], "text", new Map()])
      expect(stripPayload(payload)).toBe(payload);
  });

  it("returns the same payload if it cannot be copied", () => {
    const throwing = {
      ...keys,
      get a(): never {
        throw new Error("spec");
      },
    };
    expect(stripPayload(throwing)).toBe(throwing);
  });
});
