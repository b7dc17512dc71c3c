import { diagnoseSetting } from "../../lib/shared/diagnostics.js";
import { keepDiagnostics } from "../support/diagnostics.js";

const { messages, stop } = keepDiagnostics();
beforeEach(() => (messages.length = 0));
afterAll(stop);

describe("the message about a setting that cannot be used", () => {
  it.each<[unknown, string]>([
    ["text", '"text"'],
    ["", '""'],
    [7, "7"],
    [undefined, "undefined"],
    [{}, "[object Object]"],
    [Symbol("s"), "Symbol(s)"],
    [Object.create(null), "object"],
    ["x".repeat(78), `"${"x".repeat(78)}"`],
    ["x".repeat(79), `"${"x".repeat(79)}…`],
    ["x".repeat(1e6), `"${"x".repeat(79)}…`],
  ])("names it and shows %p, shortened if it is long", (value, shown) => {
    diagnoseSetting("Buffer", value, "a number", "It is treated as unset.");
    expect(messages).toEqual([
      `land-telemetry: Buffer=${shown} is not usable; accepted: a number. It is treated as unset.`,
    ]);
  });
});
