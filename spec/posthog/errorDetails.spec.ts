import fc from "fast-check";
import { explainFailure } from "../../lib/failures/explainFailure.js";
import { errorDetails } from "../../lib/posthog/errorDetails.js";

const detailsOf = (failure: unknown) => errorDetails(explainFailure(failure), "span");

describe("what an error event says", () => {
  it("has class, frames, and whether anybody caught it", () => {
    const error = new RangeError("too far");
    expect(errorDetails(explainFailure(error), "captureError")).toEqual({
      error_type: "RangeError",
      error_stack: expect.stringMatching(/^ {4}at /),
      error_causes: undefined,
      error_handled: true,
      error_origin: "captureError",
    });
  });

  it.each([
    ["span", "span", true],
    ["uncaughtException", "uncaught", false],
    ["unhandledRejection", "rejection", false],
  ] as const)("names the origin %s %s", (origin, said, handled) => {
    expect(errorDetails(explainFailure("x"), origin)).toMatchObject({
      error_origin: said,
      error_handled: handled,
    });
  });

  it("lists causes and members, each with what it belongs to", () => {
    const all = new AggregateError([new Error("b", { cause: "c" }), "d"], "a");
    expect(detailsOf(new Error("outer", { cause: all }))["error_causes"]).toMatchObject([
      { type: "AggregateError", message: "a", relation: "cause", of: 0, stack: expect.any(String) },
      { type: "Error", message: "b", relation: "member", of: 1 },
      { type: "string", message: "c", relation: "cause", of: 2, stack: undefined },
      { type: "string", message: "d", relation: "member", of: 1 },
    ]);
    const many = new AggregateError(Array.from({ length: 60 }, () => new Error("x")));
    expect(detailsOf(many)["error_causes"]).toHaveLength(16);
  });

  it("keeps the application's frames of a stack that is too long, in their order", () => {
    const frame = fc
      .tuple(fc.constantFrom("/app/main.js", "/app/node_modules/x/y.js", "node:fs"), fc.nat(99))
      .map(([file, line]) => `    at call${"x".repeat(line)} (${file}:${line}:1)`);
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 400 }), (frames) => {
        const error = new Error("x");
        error.stack = `Error: x\n${frames.join("\n")}`;
        const kept = String(detailsOf(error)["error_stack"]).split("\n");
        expect(Buffer.byteLength(kept.join("\n"))).toBeLessThanOrEqual(8_192);
        // A subsequence of what there was.
        let from = 0;
        for (const line of kept) from = frames.indexOf(line, from) + 1 || Infinity;
        expect(from).not.toBe(Infinity);
        const isApp = (line: string): boolean => line.includes("/app/main.js");
        const app = frames.filter(isApp);
        const isFull = kept.length < frames.length;
        if (isFull && !kept.every(isApp)) expect(kept.filter(isApp)).toEqual(app);
      }),
    );
  });

  it("has no stack where there is none", () => {
    expect(detailsOf({ name: "Refused", message: "no" })).toMatchObject({
      error_type: "Refused",
      error_stack: undefined,
    });
  });
});
