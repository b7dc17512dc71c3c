import fc from "fast-check";
import { runInNewContext } from "node:vm";
import type { ExplainedFailure } from "../../lib/failures/explainFailure.js";
import { explainFailure, framesOf } from "../../lib/failures/explainFailure.js";

const hostile = <T extends object>(target: T): T =>
  new Proxy(target, {
    get: () => {
      throw new Error("hostile");
    },
  });

/** A failure and all those within it, in the order in which events list them. */
function listed({
  cause,
  members,
  ...rest
}: ExplainedFailure): Omit<ExplainedFailure, "cause" | "members">[] {
  return [rest, ...[cause ?? [], members].flat().flatMap(listed)];
}
const messages = (failure: unknown): string[] =>
  listed(explainFailure(failure)).map(({ message }) => message);

describe("explainFailure", () => {
  it("gives the class, the message, and only the frames of the stack", () => {
    const error = Object.assign(new RangeError("too far"), { code: "ERR_FAR" });
    expect(explainFailure(error)).toEqual({
      type: "RangeError",
      message: "too far",
      stack: error.stack?.slice("RangeError: too far\n".length),
      isError: true,
      cause: undefined,
      members: [],
    });
  });

  it("follows causes, then the members of aggregates, from any realm", () => {
    class Several extends AggregateError {}
    const inner = new Several([new Error("b"), "c"], "a", { cause: new Error("why") });
    expect(messages(new Error("outer", { cause: inner }))).toEqual(["outer", "a", "why", "b", "c"]);
    expect(
      messages(runInNewContext(`new AggregateError([new Error("b"), 7], "a", { cause: "c" })`)),
    ).toEqual(["a", "c", "b", "7"]);
  });

  it("takes members only from an AggregateError, as posthog-node does", () => {
    const validation = Object.assign(new Error("no"), { errors: [new Error("field")] });
    expect(messages(validation)).toEqual(["no"]);
    expect(messages(new Error("no", { cause: "" }))).toEqual(["no"]);
  });

  it("lists each failure once, and at most fifty", () => {
    const loop: Error & { cause?: unknown } = new Error("loop");
    loop.cause = new AggregateError([loop, loop], "all", { cause: loop });
    expect(messages(loop)).toEqual(["loop", "all"]);
    let chain: unknown = "root";
    for (let index = 0; index < 10_000; index++) chain = new Error(`${index}`, { cause: chain });
    expect(messages(chain)).toHaveLength(50);
    let wide = new Error("leaf");
    for (let level = 0; level < 12; level++)
      wide = new AggregateError(
        Array.from({ length: 2_000 }, () => new Error("one", { cause: wide })),
        "all",
      );
    expect(messages(wide)).toHaveLength(50);
  });

  it("still explains the others if one failure cannot be read", () => {
    const { proxy, revoke } = Proxy.revocable(new Error("gone"), {});
    revoke();
    const errors = [new Error("a"), hostile(new Error("b")), proxy, new Error("d")];
    Object.defineProperty(errors, 3, {
      get: () => {
        throw new Error("hostile");
      },
    });
    const all = new AggregateError([], "all", { cause: hostile({}) });
    all.errors = errors;
    expect(listed(explainFailure(all)).map(({ type }) => type)).toEqual([
      "AggregateError",
      "_OTHER",
      "Error",
      "_OTHER",
      "_OTHER",
      "undefined",
    ]);
    expect(explainFailure(hostile(new Error("x")))).toMatchObject({ message: "", isError: false });
  });

  it("gives a value without a stack the place of the call instead", () => {
    const site = "Error\n    at save (/app/main.js:1:2)";
    expect(explainFailure("no", site)).toMatchObject({
      type: "string",
      message: "no",
      isError: false,
      stack: "    at save (/app/main.js:1:2)",
    });
    expect(explainFailure("no").stack).toBeUndefined();
    expect(explainFailure(new Error("x", { cause: "y" }), site).cause?.stack).toBeUndefined();
  });
});

const frames = fc.array(
  fc
    .tuple(fc.constantFrom("save", "Object.<anonymous>", "async load"), fc.nat(9_999))
    .map(([name, line]) => `    at ${name} (/app/dist/main.js:${line}:7)`),
  { minLength: 1, maxLength: 12 },
);
/** Lines as they occur in messages; some quote a stack. */
const lines = fc.array(
  fc.oneof(
    fc.string(),
    fc.constantFrom("    at quoted (/private/file.js:1:2)", "TypeError: inner", "", " at home"),
  ),
  { maxLength: 8 },
);

describe("framesOf", () => {
  it("finds the frames after any message", () => {
    fc.assert(
      fc.property(fc.constantFrom("Error", "TypeError", "E"), lines, frames, (name, said, at) => {
        const message = said.join("\n");
        const head = message === "" ? name : `${name}: ${message}`;
        expect(framesOf(`${head}\n${at.join("\n")}`, message)).toBe(at.join("\n"));
      }),
      { numRuns: 2_000 },
    );
  });

  it("finds them after a message that has since changed, if the old one does not end with quoted frames", () => {
    const stack =
      "Error: first\n    at quoted (/x.js:1:2)\nmore\n    at a (/a.js:1:2)\n    at b (/b.js:3:4)";
    for (const message of ["", "second", "quoted"])
      expect(framesOf(stack, message)).toBe("    at a (/a.js:1:2)\n    at b (/b.js:3:4)");
  });

  it("finds none in a stack without frames, and at most the first thousand", () => {
    for (const stack of ["", "Error", "Error: x", "Error: x\nmore", "one\ntwo\nthree"])
      expect(framesOf(stack, "x")).toBe("");
    const deep = Array.from({ length: 100_000 }, () => "    at a (/a.js:1:2)");
    expect(framesOf(`Error: x\n${deep.join("\n")}`, "x").split("\n")).toHaveLength(1_000);
  });
});
