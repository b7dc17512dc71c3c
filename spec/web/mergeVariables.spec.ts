import { mergeVariables } from "../../lib/web/mergeVariables.js";

describe("variables from two sources", () => {
  it.each([
    [{ Pipe: "a" }, { Pipe: "b", Beam: "c" }, { Pipe: "a", Beam: "c" }],
    [{ Capture: true }, { Capture: "off" }, { Capture: "off" }],
    [{ Capture: true }, { Capture: false }, { Capture: "false" }],
    [{ Capture: "no" }, { Capture: true }, { Capture: "no" }],
    [{ Buffer: 0 }, { Buffer: 50 }, { Buffer: "0" }],
    [{ Buffer: 50 }, { Buffer: " 0 " }, { Buffer: " 0 " }],
    [{ Pipe: "office" }, { Pipe: "nothing off" }, { Pipe: "office" }],
    [{ a: { b: 1 }, c: null, d: undefined, e: 1n }, { f: [], g: () => 1 }, {}],
    [undefined, { Pipe: "b" }, { Pipe: "b" }],
    ["Pipe", null, {}],
  ])("%j wins over %j, except over an off", (first, second, merged) =>
    expect(mergeVariables(first, second)).toEqual(merged),
  );

  it("are read whatever their source does, up to a limit", () => {
    const hostile = {
      get broken(): string {
        throw new Error("theirs");
      },
      whole: "w",
      long: "x".repeat(4_096),
      longer: "x".repeat(4_097),
    };
    expect(mergeVariables(hostile, undefined)).toEqual({ whole: "w", long: hostile.long });
    const closed = new Proxy({}, { ownKeys: () => "none" });
    expect(mergeVariables(closed, { Pipe: "b" })).toEqual({ Pipe: "b" });
    const many = Object.fromEntries(Array.from({ length: 600 }, (_, n) => [`n${n}`, "1"]));
    expect(Object.keys(mergeVariables(many, {}))).toHaveLength(500);
    const merged = mergeVariables(JSON.parse('{"__proto__":"x","Pipe":"b"}'), {});
    expect([Object.keys(merged), Object.getPrototypeOf(merged)]).toEqual([
      ["Pipe"],
      Object.prototype,
    ]);
  });
});
