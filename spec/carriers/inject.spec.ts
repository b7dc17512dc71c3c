import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { Metadata } from "@grpc/grpc-js";
import { extract, inject } from "../../lib/carriers/headers.js";
import { injectPayload } from "../../lib/carriers/payloads.js";
import { parentContext } from "../../lib/carriers/environment.js";
import { globalState } from "../../lib/shared/globalState.js";
import type { Runtime } from "../../lib/shared/Runtime.js";
import { contextWith, inSession, TRACEPARENT } from "./contexts.js";

const written = { traceparent: TRACEPARENT, baggage: "a=1" };

describe("inject", () => {
  it("writes to a plain object, a Map, Headers and gRPC metadata, and returns each", () => {
    const object: Record<string, string> = { host: "x" };
    expect(inject(object, contextWith({ a: "1" }))).toBe(object);
    expect(object).toEqual({ host: "x", ...written });
    expect(inject(Object.create(null), contextWith({ a: "1" }))).toMatchObject(written);
    expect(Object.fromEntries(inject(new Map<string, string>(), contextWith({ a: "1" })))).toEqual(
      written,
    );
    expect(Object.fromEntries(inject(new Headers(), contextWith({ a: "1" })))).toEqual(written);
    expect(inject(new Metadata(), contextWith({ a: "1" })).getMap()).toEqual(written);
    expect(inject(new Metadata(), contextWith({ a: "Ü" })).getMap()).toEqual({
      ...written,
      baggage: "a=%C3%9C",
    });
  });

  it("takes the active context by default", () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    try {
      expect(context.with(contextWith(), () => inject({}))).toEqual({ traceparent: TRACEPARENT });
      expect(inject({})).toEqual({});
    } finally {
      context.disable();
    }
  });

  it("replaces headers in any letter case, and removes the old trace's state", () => {
    const old = { TraceParent: "old", TRACESTATE: "old=1", tracestate: "old=2", Baggage: "old=1" };
    expect(inject({ ...old }, contextWith({ a: "1" }))).toEqual(written);
    expect(
      Object.fromEntries(inject(new Map(Object.entries(old)), contextWith({ a: "1" }))),
    ).toEqual(written);
    const headers = new Headers({ TraceParent: "old", TraceState: "old=1" });
    expect(Object.fromEntries(inject(headers, contextWith()))).toEqual({
      traceparent: TRACEPARENT,
    });
  });

  it("writes the trace state of the new trace, beside its baggage", () => {
    const context = extract({ ...written, tracestate: "new=1" }, ROOT_CONTEXT);
    const old = { TraceParent: "old", tracestate: "old=1" };
    const whole = { ...written, tracestate: "new=1" };
    expect(inject({ ...old }, context)).toEqual(whole);
    expect(Object.fromEntries(inject(new Map(Object.entries(old)), context))).toEqual(whole);
    expect(Object.fromEntries(inject(new Headers(old), context))).toEqual(whole);
  });

  it("leaves the carrier alone when there is nothing to write", () => {
    expect(inject({ Traceparent: "old", tracestate: "old=1" }, ROOT_CONTEXT)).toEqual({
      Traceparent: "old",
      tracestate: "old=1",
    });
  });

  it.each<[string, () => unknown]>([
    ["null", () => null],
    ["undefined", () => undefined],
    ["a number", () => 7],
    ["text", () => "text"],
    ["a symbol", () => Symbol.for("x")],
    ["an array", () => [1, 2]],
    ["a typed array", () => new Uint8Array([1, 2, 3])],
    ["a function", () => Math.max],
    ["a frozen object", () => Object.freeze({ a: 1 })],
    [
      "a frozen object with headers",
      () => Object.freeze({ Traceparent: "old", tracestate: "a=1" }),
    ],
    ["a sealed object", () => Object.seal({ a: 1 })],
    [
      "an object that takes no new keys",
      () => Object.preventExtensions({ Traceparent: "old", tracestate: "a=1" }),
    ],
    ["a WeakMap", () => new WeakMap()],
  ])("returns %s unchanged", (_name, make) => {
    const carrier = make();
    const before = JSON.stringify(carrier);
    expect(inject(carrier, contextWith({ a: "1" }))).toBe(carrier);
    expect(JSON.stringify(carrier)).toBe(before);
  });

  it("does not throw what the carrier throws", () => {
    const throwing = new Proxy(
      {},
      {
        get: fail,
        set: fail,
        ownKeys: fail,
        getOwnPropertyDescriptor: fail,
        has: fail,
        deleteProperty: fail,
      },
    );
    expect(inject(throwing, contextWith())).toBe(throwing);
    const setter = { set: fail };
    expect(inject(setter, contextWith())).toBe(setter);
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(() => inject(proxy, contextWith())).not.toThrow();
  });

  it("does not throw what a host's propagator throws", () => {
    globalState().runtime = {
      propagator: { inject: fail, extract: fail, fields: fail },
    } as unknown as Runtime;
    try {
      const carrier = { a: "1" };
      expect(inject(carrier, contextWith())).toEqual({ a: "1" });
      expect(extract({}, ROOT_CONTEXT)).toBe(ROOT_CONTEXT);
      expect(injectPayload(carrier, contextWith())).toBe(carrier);
      expect(parentContext({})).toBe(ROOT_CONTEXT);
    } finally {
      delete globalState().runtime;
    }
  });

  describe("session.id", () => {
    it("travels in the baggage of a trace", () => {
      expect(inSession("s-1", () => inject({}, contextWith()))).toEqual({
        traceparent: TRACEPARENT,
        baggage: "session.id=s-1",
      });
      expect(inSession("s-2", () => inject({}, contextWith()))).toEqual({
        traceparent: TRACEPARENT,
        baggage: "session.id=s-2",
      });
      expect(inSession("s-2", () => inject({}, contextWith({ a: "1" })))).toEqual({
        traceparent: TRACEPARENT,
        baggage: "a=1,session.id=s-2",
      });
    });

    it("is kept if the trace came with one", () => {
      expect(
        inSession("s-1", () => inject({}, contextWith({ "session.id": "theirs" }))),
      ).toMatchObject({ baggage: "session.id=theirs" });
    });

    it("is not sent without a trace", () => {
      expect(inSession("s-1", () => inject({}, ROOT_CONTEXT))).toEqual({});
    });
  });
});

function fail(): never {
  throw new Error("spec");
}
