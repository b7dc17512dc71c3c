import { Metadata } from "@grpc/grpc-js";
import {
  acceptMark,
  adoptMark,
  countedMark,
  formatMark,
  markCounted,
  outgoingMark,
} from "../../lib/failures/mark.js";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const MARK = formatMark(TRACE, "00f067aa0ba902b7");
const OTHER = formatMark(TRACE, "b7ad6b7169203331");

function counted(mark = MARK): Error {
  const failure = new Error("counted");
  markCounted(failure, mark);
  return failure;
}

/** Wraps `last` in `causes` errors, each the cause of the next. */
function chain(causes: number, last: unknown): Error {
  let failure = last;
  for (let index = 0; index < causes; index++) failure = new Error("wrapped", { cause: failure });
  return failure as Error;
}

describe("a counted failure", () => {
  it("is recognised by its identity, not by its message", () => {
    expect(countedMark(counted())).toBe(MARK);
    expect(countedMark(new Error("counted"))).toBeUndefined();
  });

  it("is recognised by its latest mark", () => {
    const failure = counted();
    markCounted(failure, OTHER);
    expect(countedMark(failure)).toBe(OTHER);
  });

  it("is recognised within the errors that wrap it, up to a limit", () => {
    expect(countedMark(chain(1, counted()))).toBe(MARK);
    expect(countedMark(chain(15, counted()))).toBe(MARK);
    expect(countedMark(chain(16, counted()))).toBeUndefined();
  });

  it("is the outermost one of several", () => {
    const outer = new Error("outer", { cause: counted(OTHER) });
    markCounted(outer, MARK);
    expect(countedMark(outer)).toBe(MARK);
  });

  it("is recognised by the metadata of its gRPC status", () => {
    const metadata = new Metadata();
    markCounted(metadata, MARK);
    expect(countedMark(Object.assign(new Error("14 UNAVAILABLE"), { metadata }))).toBe(MARK);
    expect(
      countedMark(new Error("wrapped", { cause: Object.assign(new Error("x"), { metadata }) })),
    ).toBe(MARK);
    expect(
      countedMark(Object.assign(new Error("14 UNAVAILABLE"), { metadata: new Metadata() })),
    ).toBeUndefined();
    expect(countedMark(Object.assign(new Error("x"), { metadata: "text" }))).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ["a text", "refused"],
    ["null", null],
    ["undefined", undefined],
    ["an error without causes", new Error("x")],
  ])("is never %s", (_kind, failure) => {
    markCounted("refused", MARK);
    expect(countedMark(failure)).toBeUndefined();
  });

  it("is not found in errors that throw when they are read, or in circular causes", () => {
    const hostile = new Proxy(new Error("x"), {
      get: () => {
        throw new Error("hostile");
      },
    });
    expect(countedMark(hostile)).toBeUndefined();
    expect(countedMark(new Error("x", { cause: hostile }))).toBeUndefined();
    const circular: Error & { cause?: unknown } = new Error("x");
    circular.cause = circular;
    expect(countedMark(circular)).toBeUndefined();
  });
});

describe("an AggregateError", () => {
  it("is counted if all of its errors are", () => {
    expect(countedMark(new AggregateError([counted(OTHER), counted(MARK)]))).toBe(MARK);
    expect(countedMark(new Error("wrapped", { cause: new AggregateError([counted()]) }))).toBe(
      MARK,
    );
  });

  it.each<[string, unknown[]]>([
    ["none", []],
    ["one that is new", [counted(), new Error("new")]],
    ["a new one first", [new Error("new"), counted()]],
    ["a text", [counted(), "refused"]],
  ])("is not counted if it holds %s", (_what, errors) => {
    expect(countedMark(new AggregateError(errors))).toBeUndefined();
  });

  it("is recognised with up to 32 errors", () => {
    const errors = (length: number): Error[] => Array.from({ length }, () => counted());
    expect(countedMark(new AggregateError(errors(32)))).toBe(MARK);
    expect(countedMark(new AggregateError(errors(33)))).toBeUndefined();
  });

  it("is recognised only if its `errors` are an array", () => {
    expect(
      countedMark(Object.assign(new Error("validation"), { errors: { length: 1, 0: counted() } })),
    ).toBeUndefined();
  });
});

describe("the mark that travels with a response", () => {
  it("names the counted span, and is valid only in its own trace", () => {
    expect(MARK).toBe(`${TRACE}-00f067aa0ba902b7`);
    expect(acceptMark(MARK, TRACE)).toBe(MARK);
    expect(acceptMark(MARK, "1".repeat(32))).toBeUndefined();
  });

  it.each<unknown>([
    undefined,
    null,
    1,
    "",
    TRACE,
    `${MARK}0`,
    `0${MARK}`,
    `${MARK}\n`,
    MARK.toUpperCase(),
    MARK.replace("-", "_"),
    [MARK],
    { toString: () => MARK, length: 49 },
  ])("is not %p", (value) => {
    expect(acceptMark(value, TRACE)).toBeUndefined();
    expect(adoptMark(value, {}, TRACE)).toBe(false);
  });

  it("marks the span and its failure as counted when it is adopted", () => {
    const [span, failure] = [{}, new Error("x")];
    expect(outgoingMark(span)).toBeUndefined();
    expect(adoptMark(MARK, span, TRACE, failure)).toBe(true);
    expect(outgoingMark(span)).toBe(MARK);
    expect(countedMark(failure)).toBe(MARK);
  });

  it("marks neither of them if it belongs to another trace", () => {
    const [span, failure] = [{}, new Error("x")];
    expect(adoptMark(MARK, span, "1".repeat(32), failure)).toBe(false);
    expect(outgoingMark(span)).toBeUndefined();
    expect(countedMark(failure)).toBeUndefined();
  });
});
