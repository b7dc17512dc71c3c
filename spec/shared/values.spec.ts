import { readableMembers } from "../../lib/shared/readMember.js";
import { isObject } from "../../lib/shared/isObject.js";
import { isThenable } from "../../lib/shared/followPromise.js";
import { randomUuid } from "../../lib/shared/builtins.js";
import { globalState } from "../../lib/shared/globalState.js";

describe("isObject", () => {
  it.each<unknown>([{}, [], () => undefined, Object.create(null), new Proxy({}, {})])(
    "is true for what a WeakMap can hold: %p",
    (value) => {
      expect(isObject(value)).toBe(true);
      expect(() => new WeakMap().set(value as object, 1)).not.toThrow();
    },
  );

  it.each<unknown>([null, undefined, "text", 1, true, 1n, Symbol.for("x")])(
    "is false for %p",
    (value) => {
      expect(isObject(value)).toBe(false);
    },
  );
});

describe("readableMembers", () => {
  it("returns the own members that can be read, with a substitute for the others", () => {
    const value = {
      a: 1,
      get b(): never {
        throw new Error("hostile");
      },
      c: undefined,
    };
    expect(readableMembers(value, "?")).toEqual({ a: 1, b: "?", c: undefined });
    expect(readableMembers(Object.assign(() => undefined, { a: 1 }))).toEqual({ a: 1 });
  });

  it.each<unknown>([undefined, null, "text", 1, Symbol("s")])("returns none for %p", (value) => {
    expect(readableMembers(value)).toEqual({});
  });
});

test("a revoked proxy has no readable members", () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  expect(readableMembers(proxy)).toEqual({});
});

describe("isThenable", () => {
  it.each<[string, unknown]>([
    ["a promise", Promise.resolve()],
    ["an object with then", { then: () => undefined }],
    ["a function with then", Object.assign(() => undefined, { then: () => undefined })],
  ])("is true for %s", (_what, value) => {
    expect(isThenable(value)).toBe(true);
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a text", "then"],
    ["an object", {}],
    ["an object with a member of that name", { then: 1 }],
    [
      "an object that throws when it is read",
      {
        get then(): never {
          throw new Error("hostile");
        },
      },
    ],
  ])("is false for %s", (_what, value) => {
    expect(isThenable(value)).toBe(false);
  });
});

describe("randomUuid", () => {
  it("is a different version 4 UUID each time", () => {
    const ids = Array.from({ length: 100 }, randomUuid);
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(ids).size).toBe(100);
  });
});

describe("the state of a process", () => {
  it("starts without telemetry or a session, and is shared by all copies of the package", () => {
    expect(globalState()).toMatchObject({ sessionStarted: false, sessionMirrored: false });
    expect(globalState().runtime).toBeUndefined();
    expect(
      (globalThis as unknown as Record<symbol, unknown>)[Symbol.for("land-telemetry.state.v1")],
    ).toBe(globalState());
    jest.isolateModules(() => {
      const copy = jest.requireActual<{ globalState: () => unknown }>(
        "../../lib/shared/globalState.js",
      );
      expect(copy.globalState).not.toBe(globalState);
      expect(copy.globalState()).toBe(globalState());
    });
  });
});
