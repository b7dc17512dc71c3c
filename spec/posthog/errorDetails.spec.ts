import fc from "fast-check";
import { explainFailure } from "../../lib/failures/explainFailure.js";
import type { ErrorOrigin } from "../../lib/config/TelemetryOptions.js";
import { errorDetails } from "../../lib/posthog/errorDetails.js";
import { createRedactor } from "../../lib/redaction/createRedactor.js";

const redactor = createRedactor({}, { user: "ada", home: "/home/ada" });
const said = (
  failure: unknown,
  origin: ErrorOrigin = "span",
  by = redactor,
): Record<string, unknown> => {
  const { properties, redacted } = errorDetails(explainFailure(failure), origin, by);
  return { ...properties, ...redacted };
};

describe("the details of an error event", () => {
  it("give the class, the frames, and whether it was handled", () => {
    const error = new RangeError("too far");
    expect(said(error, "captureError")).toEqual({
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
  ] as const)("name the origin %s %s, and whether it was handled", (origin, name, handled) => {
    expect(said("x", origin)).toMatchObject({
      error_origin: name,
      error_handled: handled,
    });
  });

  it("list up to 16 causes and members, each with what it belongs to", () => {
    const all = new AggregateError([new Error("b", { cause: "c" }), "d"], "a");
    expect(said(new Error("outer", { cause: all }))["error_causes"]).toMatchObject([
      { type: "AggregateError", message: "a", relation: "cause", of: 0, stack: expect.any(String) },
      { type: "Error", message: "b", relation: "member", of: 1 },
      { type: "string", message: "c", relation: "cause", of: 2, stack: undefined },
      { type: "string", message: "d", relation: "member", of: 1 },
    ]);
    const many = new AggregateError(Array.from({ length: 60 }, () => new Error("x")));
    expect(said(many)["error_causes"]).toHaveLength(16);
  });

  it("keep the application's frames of an overlong stack, in order", () => {
    const open = createRedactor(false);
    const frame = fc
      .tuple(fc.constantFrom("/app/main.js", "/app/node_modules/x/y.js", "node:fs"), fc.nat(99))
      .map(([file, line]) => `    at call${"x".repeat(line)} (${file}:${line}:1)`);
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 400 }), (frames) => {
        const error = new Error("x");
        error.stack = `Error: x\n${frames.join("\n")}`;
        const kept = String(said(error, "span", open)["error_stack"]).split("\n");
        expect(Buffer.byteLength(kept.join("\n"))).toBeLessThanOrEqual(8_192);
        // The kept frames are a subsequence of the original ones.
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

  it("are bounded by what is sent, as labels can be longer than what they replace", () => {
    const error = new Error("x");
    error.stack = `Error: x\n${Array.from({ length: 600 }, (_, line) => `    at ~/ä:${line}:1`).join("\n")}`;
    const stack = String(said(error)["error_stack"]);
    expect(stack).toContain("<path>");
    expect(Buffer.byteLength(stack)).toBeLessThanOrEqual(8_192);
    expect(stack.length).toBeGreaterThan(7_000);
  });

  it("contain no private path in any stack or message", () => {
    const cause = new Error("in /home/ada/plans/x.txt");
    for (const error of [cause, new Error("outer", { cause })])
      error.stack = `Error: ${error.message}\n    at read (/home/ada/plans/main.js:1:2)`;
    const all = JSON.stringify(said(new AggregateError([cause], "a", { cause })));
    expect(all).toContain("main.js:1:2");
    expect(all).not.toMatch(/ada|plans/);
  });

  it("have no stack if the failure has none", () => {
    expect(said({ name: "Refused", message: "no" })).toMatchObject({
      error_type: "Refused",
      error_stack: undefined,
    });
  });
});
