import { eventUuid } from "../../lib/posthog/PostHogEvent.js";
import { redactedFailure, sendException } from "../../lib/posthog/sendException.js";
import { createRedactor } from "../../lib/redaction/createRedactor.js";
import { contextOf, ended, Sink } from "./support.js";

const KEY = `phx_${"a1B2".repeat(11)}`;
const redactor = createRedactor({}, { user: "ada", home: "/home/ada" });
const redacted = (failure: unknown) =>
  redactedFailure(failure, redactor) as Error & { cause?: Error; errors?: Error[] };

describe("a failure on its way to Error Tracking", () => {
  it("is a copy without secrets, of the same class by name, with its frames", () => {
    class Refused extends Error {
      override readonly name = "Refused";
    }
    const error = new Refused(`key ${KEY}`);
    const copy = redacted(error);
    expect(copy).not.toBe(error);
    expect(copy.name).toBe("Refused");
    expect(copy.message).toMatch(/^key /);
    expect(copy.stack).toContain("sendException.spec.ts");
    expect(`${copy.message}${copy.stack ?? ""}`).not.toContain(KEY);
    expect(error.message).toContain(KEY);
  });

  it("has its class and not its code as the name, since PostHog groups by it", () => {
    expect(redacted(Object.assign(new TypeError("x"), { code: "ERR_X" })).name).toBe("TypeError");
    expect(redacted({ code: "ERR_X", message: "x" }).name).toBe("ERR_X");
    expect(redacted({ name: "", code: "ERR_X" }).name).toBe("ERR_X");
    expect(redacted({ name: 5, code: "ERR_X" }).name).toBe("ERR_X");
  });

  it("has a stack of its own first line when there is none", () => {
    expect(redacted({ name: "Refused", message: "no" }).stack).toBe("Refused: no");
  });

  it("has its causes and its errors, redacted too", () => {
    const copy = redacted(
      new AggregateError([new Error(`a ${KEY}`), `b ${KEY}`], "all", {
        cause: new Error("why", { cause: `c ${KEY}` }),
      }),
    );
    expect(copy).toBeInstanceOf(AggregateError);
    expect(copy.message).toBe("all");
    expect(copy.errors?.[0]?.message).toMatch(/^a /);
    expect(copy.errors?.[1]).toMatch(/^b /);
    expect(copy.cause?.message).toBe("why");
    expect(copy.cause?.cause).toMatch(/^c /);
    expect(JSON.stringify([copy.errors?.map(String), copy.cause?.cause])).not.toContain(KEY);
    expect(redacted(new Error("x"))).not.toHaveProperty("cause");
    expect(redacted(new Error("x"))).not.toHaveProperty("errors");
    expect(redacted(Object.assign(new Error("x"), { errors: "none" }))).not.toHaveProperty(
      "errors",
    );
  });

  it("copies each failure once, however many share it", () => {
    let failure = new Error("leaf");
    // Sixteen ways to each level below: in depth and width alone, that is 16 ** 9 copies.
    for (let level = 0; level < 12; level++)
      failure = Object.assign(new AggregateError(Array(16).fill(failure), `level ${level}`), {
        cause: failure,
      });
    const seen: unknown[] = [];
    const walk = (copy: Error & { cause?: unknown; errors?: readonly unknown[] }): void => {
      seen.push(copy);
      for (const inner of [...(copy.errors ?? []), copy.cause])
        if (inner instanceof Error) walk(inner);
    };
    walk(redacted(failure));
    expect(seen).toHaveLength(9);
    const loop = new Error("loop");
    loop.cause = loop;
    expect(redacted(loop).cause).toBeUndefined();
  });

  it("ends at eight causes and sixteen errors", () => {
    let failure: unknown = "root";
    for (let index = 0; index < 20; index++) failure = new Error(`${index}`, { cause: failure });
    const chain: Error[] = [];
    for (let error: unknown = redacted(failure); error instanceof Error; error = error.cause)
      chain.push(error);
    expect(chain).toHaveLength(9);
    expect(
      redacted(new AggregateError(Array.from({ length: 40 }, () => new Error("x")))).errors,
    ).toHaveLength(16);
    const nest = (depth: number): Error =>
      depth === 0 ? new Error("root") : new AggregateError([nest(depth - 1)]);
    let levels = 0;
    for (
      let error: Error & { errors?: Error[] } = redacted(nest(20));
      error.errors?.[0] !== undefined;
      error = error.errors[0]
    )
      levels++;
    expect(levels).toBe(8);
  });

  it("survives what throws when it is read", () => {
    const hostile = new Proxy(new Error("x"), {
      get: () => {
        throw new Error("hostile");
      },
    });
    expect(redacted(hostile)).toMatchObject({ name: "_OTHER", message: "", stack: "_OTHER: " });
    expect(redactedFailure(`text ${KEY}`, redactor)).not.toContain(KEY);
    expect(redactedFailure(undefined, redactor)).toBeUndefined();
  });
});

describe("the exception of a counted failure", () => {
  const span = ended().spanContext();
  const counted = {
    failure: new Error("x"),
    tier: "grove",
    distinctId: "another",
    timestamp: "2026-01-01T00:00:00.000Z",
    span,
    mirrored: true,
  };

  it("has one identity for a mirrored span, however often it is sent", () => {
    const sink = new Sink();
    sendException(contextOf(sink), counted);
    sendException(contextOf(sink), counted);
    expect(new Set(sink.sent.map(({ uuid }) => uuid))).toEqual(
      new Set([eventUuid(span, "$exception")]),
    );
    expect(sink.sent[0]).toMatchObject({
      event: "$exception",
      distinctId: "another",
      timestamp: "2026-01-01T00:00:00.000Z",
      urgent: true,
      properties: { $tier: "grove", $trace_id: span.traceId, $exception_level: "error" },
    });
  });

  it("is left out when it cannot be read, without a word", () => {
    const hostile = createRedactor({});
    jest.spyOn(hostile, "text").mockImplementation(() => {
      throw new Error("hostile");
    });
    const sink = new Sink();
    sendException({ ...contextOf(sink), redactor: hostile }, counted);
    expect(sink.sent).toEqual([]);
  });
});
