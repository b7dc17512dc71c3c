import { readFileSync } from "node:fs";
import { ROOT_CONTEXT } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { describeFailure } from "../../lib/failures/describeFailure.js";

function caught(work: () => void): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

describe("describeFailure", () => {
  it("gives class, message and stack of an error", () => {
    const error = new RangeError("too far");
    expect(describeFailure(error)).toEqual({
      type: "RangeError",
      message: "too far",
      stack: error.stack,
    });
  });

  it("has no stack where there is none", () => {
    expect(describeFailure({ name: "Refused", message: "no" })).toEqual({
      type: "Refused",
      message: "no",
    });
  });

  it.each<[unknown, string, string]>([
    ["no text", "_OTHER", "no text"],
    ["", "_OTHER", ""],
    [404, "_OTHER", "404"],
    [Symbol("lost"), "_OTHER", "Symbol(lost)"],
    [10n, "_OTHER", "10"],
    [false, "_OTHER", "false"],
    [null, "_OTHER", ""],
    [undefined, "_OTHER", ""],
    [{}, "_OTHER", ""],
    [{ message: 42 }, "_OTHER", "42"],
    [{ name: { first: "x" }, message: ["y"] }, "_OTHER", ""],
  ])("describes %p, which is no error", (thrown, type, message) => {
    expect(describeFailure(thrown)).toEqual({ type, message });
  });

  it("describes a function by its members", () => {
    function refused(): void {
      // Thrown as it is.
    }
    expect(describeFailure(Object.assign(refused, { message: "no" }))).toEqual({
      type: "refused",
      message: "no",
    });
  });

  it.each<[string, Error]>([
    ["an error", new TypeError("no")],
    ["an error of Node with a code", caught(() => readFileSync("/nowhere/at/all"))],
    ["an error with a numeric code", Object.assign(new Error("no"), { code: 7 })],
    ["an error whose code is 0", Object.assign(new Error("no"), { code: 0 })],
    ["an error whose code is empty", Object.assign(new Error("no"), { code: "" })],
    ["an error with a name of its own", Object.assign(new Error("no"), { name: "Refused" })],
  ])("takes the type that the official SDK gives the exception: %s", (_kind, error) => {
    const span = new BasicTracerProvider()
      .getTracer("spec")
      .startSpan("x", {}, ROOT_CONTEXT) as unknown as ReadableSpan & {
      recordException(error: Error): void;
    };
    span.recordException(error);
    const { type, message } = describeFailure(error);
    expect({ "exception.type": type, "exception.message": message }).toMatchObject({
      "exception.type": span.events[0]?.attributes?.["exception.type"],
      "exception.message": span.events[0]?.attributes?.["exception.message"],
    });
  });

  it("survives an error that throws when it is read, and reads each member once", () => {
    const reads: PropertyKey[] = [];
    const hostile = new Proxy(new Error("secret"), {
      get(_error, key) {
        reads.push(key);
        throw new Error("hostile");
      },
    });
    expect(describeFailure(hostile)).toEqual({ type: "_OTHER", message: "" });
    expect(new Set(reads).size).toBe(reads.length);
    const half = Object.defineProperty(new TypeError("kept"), "stack", {
      get: () => {
        throw new Error("hostile");
      },
    });
    expect(describeFailure(half)).toEqual({ type: "TypeError", message: "kept" });
  });
});
