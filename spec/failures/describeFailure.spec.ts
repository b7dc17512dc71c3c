import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { ROOT_CONTEXT } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { describeFailure } from "../../lib/failures/describeFailure.js";

class Refused {
  readonly status = 500;
}

function caught(work: () => void): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

describe("describeFailure", () => {
  it("gives the class, message and stack of an error", () => {
    const error = new RangeError("too far");
    expect(describeFailure(error)).toEqual({
      type: "RangeError",
      message: "too far",
      stack: error.stack,
    });
  });

  it("gives no stack if there is none", () => {
    expect(describeFailure({ name: "Refused", message: "no" })).toEqual({
      type: "Refused",
      message: "no",
    });
  });

  it.each<[unknown, string, string]>([
    ["no text", "string", "no text"],
    ["", "string", ""],
    [404, "number", "404"],
    [Symbol("lost"), "symbol", "Symbol(lost)"],
    [10n, "bigint", "10"],
    [false, "boolean", "false"],
    [null, "null", ""],
    [undefined, "undefined", ""],
    [{}, "Object", ""],
    [Object.create(null), "Object", ""],
    [{ message: 42 }, "Object", "42"],
    [{ status: 500, detail: "x" }, "Object", "an object with status, detail"],
    [{ name: { first: "x" }, message: ["y"] }, "Object", "an object with name, message"],
    [{ name: "Refused" }, "Refused", ""],
    [{ code: 5, details: "not found" }, "5", "an object with code, details"],
    [{ code: "ERR_X", message: "no" }, "ERR_X", "no"],
    [["a", "b"], "Array", ""],
    [new Uint8Array(3), "Uint8Array", ""],
    [new Map([["a", 1]]), "Map", ""],
    [new Refused(), "Refused", "an object with status"],
    [runInNewContext("new Map()"), "Map", ""],
    [() => undefined, "Function", ""],
  ])("describes %p, which is not an error", (thrown, type, message) => {
    expect(describeFailure(thrown)).toEqual({ type, message });
  });

  it("describes a function by its members", () => {
    function refused(): void {
      // The function itself is thrown, never called.
    }
    expect(describeFailure(Object.assign(refused, { message: "no" }))).toEqual({
      type: "refused",
      message: "no",
    });
  });

  it.each<[string, Error]>([
    ["an error", new TypeError("no")],
    ["an error of Node with a code", caught(() => readFileSync("/nowhere/at/all"))],
    ["an error whose code is 0", Object.assign(new Error("no"), { code: 0 })],
    ["an error whose code is empty", Object.assign(new Error("no"), { code: "" })],
    ["an error with a name of its own", Object.assign(new Error("no"), { name: "Refused" })],
  ])("gives the same type and message as the official SDK: %s", (_kind, error) => {
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

  it.each<[string, unknown, string]>([
    [
      "an error with a numeric code",
      Object.assign(new RangeError("no"), { code: 7 }),
      "RangeError",
    ],
    ["an abort, whose code is 20", new DOMException("no", "AbortError"), "AbortError"],
    ["an error of another realm", runInNewContext("new TypeError('no')"), "TypeError"],
    ["a gRPC error", Object.assign(new Error("no"), { code: 5, details: "no" }), "Error"],
    ["an error without a name", Object.assign(new RangeError("no"), { name: "" }), "RangeError"],
  ])("prefers the class to a numeric code or an empty name: %s", (_kind, error, type) => {
    expect(describeFailure(error)).toMatchObject({ type, message: "no" });
  });

  it("survives an error that throws when it is read, and reads each member only once", () => {
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
