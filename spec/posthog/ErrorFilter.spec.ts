import { runInNewContext } from "node:vm";
import fc from "fast-check";
import type { IgnoreErrorRule } from "../../lib/config/TelemetryOptions.js";
import { readConfiguration } from "../../lib/config/readConfiguration.js";
import { ErrorFilter } from "../../lib/posthog/ErrorFilter.js";

const TAG = "settings:read";
const error = Object.assign(new TypeError("ENOENT: no such file, open '/state/global.json'"), {
  code: "ENOENT",
});
const tagOf = (rules: readonly IgnoreErrorRule[], failure: unknown = error): string | undefined =>
  new ErrorFilter(rules).tagOf(failure, TAG, "captureError");
const hostile = new Proxy(new Error("x"), {
  get: () => {
    throw new Error("hostile");
  },
});

describe("an error", () => {
  it.each<[string, IgnoreErrorRule]>([
    ["its class", "TypeError"],
    ["its code", "ENOENT"],
    ["its tag", TAG],
    ["a pattern in its message", /open '\/state\/.*\.json'/],
    ["a pattern of class and message", /^TypeError: ENOENT/],
    ["a pattern in its tag", /^settings:/],
    ["a pattern of another realm", runInNewContext("/no such file/") as RegExp],
    ["a function", () => true],
  ])("is ignored by %s", (_what, rule) => {
    expect(tagOf([rule])).toBeUndefined();
    expect(tagOf(["other", rule])).toBeUndefined();
  });

  it.each<[string, IgnoreErrorRule]>([
    ["another name", "RangeError"],
    ["a part of its name", "Type"],
    ["another pattern", /EACCES/],
    ["a function that says no", () => false],
    ["a function that says nothing", () => undefined],
    ["a function that gives an empty tag", () => ""],
    ["a function that gives something else", () => ({ ignore: true })],
    ["a function that answers later", () => Promise.resolve(true)],
    [
      "a function that throws",
      () => {
        throw new Error("its own");
      },
    ],
    ["something that is no rule", { test: () => true } as unknown as RegExp],
  ])("is not ignored by %s", (_what, rule) => {
    expect(tagOf([rule])).toBe(TAG);
    expect(tagOf([rule, "TypeError"])).toBeUndefined();
  });

  it("may be a thrown string", () => {
    expect(tagOf([/too late/], "too late")).toBeUndefined();
  });

  it("is matched every time by a pattern that keeps its lastIndex", () => {
    const filter = new ErrorFilter([/ENOENT/g, /nothing/y]);
    for (let i = 0; i < 5; i++) expect(filter.tagOf(error, TAG, "span")).toBeUndefined();
  });

  it("is renamed by the first function that returns a tag, which is told its origin", () => {
    const seen: unknown[] = [];
    const rule: IgnoreErrorRule = (failure, about) => {
      seen.push(failure, about);
      return about.origin === "unhandledRejection" ? "extension" : undefined;
    };
    const filter = new ErrorFilter([rule, () => "later"]);
    expect(filter.tagOf(error, TAG, "unhandledRejection")).toBe("extension");
    expect(filter.tagOf(error, TAG, "span")).toBe("later");
    expect(seen).toEqual([
      error,
      { tag: TAG, origin: "unhandledRejection" },
      error,
      { tag: TAG, origin: "span" },
    ]);
  });

  it("that a rule captures itself is not passed to the rules again", () => {
    let asked = 0;
    const filter: ErrorFilter = new ErrorFilter([
      () => {
        asked++;
        return filter.tagOf(new Error("its own"), "inner", "captureError") === undefined;
      },
    ]);
    expect(filter.tagOf(error, TAG, "captureError")).toBe(TAG);
    expect(asked).toBe(1);
  });

  it("may be anything, as may the result of a function, without anything being thrown", () => {
    for (const rule of ["x", /x/, () => true] as const)
      expect(tagOf([rule], hostile)).toBe(typeof rule === "function" ? undefined : TAG);
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (failure, said) => {
        const tag = tagOf([/a/, "b", () => said], failure);
        expect([undefined, "string"]).toContain(tag === undefined ? undefined : typeof tag);
      }),
      { numRuns: 1_000 },
    );
  });

  it("with a message of megabytes is matched by its beginning only", () => {
    const long = new Error(`${"a".repeat(5_000_000)}b`);
    expect(tagOf([/b$/], long)).toBe(TAG);
    expect(tagOf([/^Error: a/], long)).toBeUndefined();
  });
});

describe("the option ignoreErrors", () => {
  const rulesOf = (ignoreErrors: unknown): readonly unknown[] =>
    readConfiguration({ tier: "cocoon", ignoreErrors } as never, {}).ignoreErrors;

  it("is one rule or a list of rules, of which invalid ones are left out", () => {
    const rule = (): boolean => true;
    expect(rulesOf(undefined)).toEqual([]);
    expect(rulesOf(rule)).toEqual([rule]);
    expect(rulesOf("ENOENT")).toEqual(["ENOENT"]);
    expect(rulesOf([/x/, "y", rule, 5, null, "", {}])).toEqual([/x/, "y", rule]);
    expect(rulesOf(5)).toEqual([]);
  });
});
