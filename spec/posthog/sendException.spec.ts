import { explainFailure } from "../../lib/failures/explainFailure.js";
import type { CountedFailure } from "../../lib/posthog/sendException.js";
import { sendException } from "../../lib/posthog/sendException.js";
import { eventUuid, serializeEvent } from "../../lib/posthog/PostHogEvent.js";
import { createRedactor } from "../../lib/redaction/createRedactor.js";
import { contextOf, ended, SESSION, Sink } from "./support.js";

const KEY = `phx_${"a1B2".repeat(11)}`;
const span = ended().spanContext();
const counted: CountedFailure = {
  failure: explainFailure(new Error("x")),
  origin: "span",
  tier: "grove",
  sessionId: SESSION,
  distinctId: "another",
  timestamp: "2026-01-01T00:00:00.000Z",
  span,
  mirrored: true,
};

interface Sent {
  readonly $exception_level: string;
  readonly $release_id?: string;
  readonly $exception_list: readonly {
    readonly type: string;
    readonly value: string;
    readonly mechanism: object;
    readonly stacktrace?: { readonly frames: readonly Record<string, unknown>[] };
  }[];
}

/** The properties that arrive for a failure. */
function sent(failure: unknown, more: Partial<CountedFailure> = {}, privacy = {}): Sent {
  const sink = new Sink();
  const redactor = createRedactor(privacy, { user: "ada", home: "/home/ada" });
  const context = { ...contextOf(sink), redactor };
  sendException(context, { ...counted, failure: explainFailure(failure), ...more });
  const json = sink.sent[0] && serializeEvent(sink.sent[0], redactor);
  return (JSON.parse(json ?? "{}") as { properties: Sent }).properties;
}
function withStack(message: string, ...frames: string[]): Error {
  const error = new TypeError(message);
  error.stack = `TypeError: ${message}\n${frames.join("\n")}`;
  return error;
}
const framesOf = (failure: unknown): readonly Record<string, unknown>[] =>
  sent(failure).$exception_list[0]?.stacktrace?.frames ?? [];

describe("the exception of a counted failure", () => {
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
      properties: {
        $tier: "grove",
        $trace_id: span.traceId,
        $session_id: SESSION,
        $exception_level: "error",
      },
    });
  });

  it("is left out, without throwing, if it cannot be made", () => {
    const hostile = createRedactor({});
    jest.spyOn(hostile, "text").mockImplementation(() => {
      throw new Error("hostile");
    });
    const sink = new Sink();
    sendException({ ...contextOf(sink), redactor: hostile }, counted);
    expect(sink.sent).toEqual([]);
  });

  it("classifies frames by their original paths, and only then redacts each string", () => {
    const error = withStack(
      `key ${KEY}`,
      "    at save (/home/ada/work/secret/dist/main.js:10:20)",
      "    at Object.run (/home/ada/work/node_modules/x/index.js:1:2)",
      "    at file:///opt/land/app/load.mjs:3:4",
      "    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)",
    );
    expect(framesOf(error)).toEqual([
      expect.objectContaining({ filename: "node:internal/process/task_queues", in_app: false }),
      expect.objectContaining({ filename: "<path>/load.mjs", in_app: true, function: "?" }),
      expect.objectContaining({ filename: "<path>/index.js", in_app: false }),
      expect.objectContaining({ filename: "<path>/main.js", in_app: true, lineno: 10, colno: 20 }),
    ]);
    expect(sent(error).$exception_list[0]?.value).toMatch(/^key </);
    expect(JSON.stringify(sent(error))).not.toMatch(/ada|secret|opt|phx_/);
  });

  it("mistakes no line of the message for a frame, and loses no frame after a long one", () => {
    const frame = "    at save (/home/ada/app/main.js:10:20)";
    const quoting = `failed:\n    at quoted (/home/ada/private.js:1:2)\n${frame}`;
    for (const message of [quoting, "x".repeat(100_000), "line\n".repeat(2_000)])
      expect(framesOf(withStack(message, frame))).toEqual([
        expect.objectContaining({ function: "save", lineno: 10 }),
      ]);
  });

  it("keeps the other frames if a file name cannot be decoded", () => {
    expect(
      framesOf(withStack("x", "    at a (/app/100%.js:1:2)", "    at b (/app/b.js:3:4)")),
    ).toMatchObject([{ function: "b" }]);
  });

  it("has the chunk and the release that the bundler's plugin injected", () => {
    const chunk = "0194b2e8-7c3c-7b6e-8a0e-1f2d3c4b5a60";
    const globals = globalThis as { _posthogChunkIds?: object; _posthogReleaseId?: unknown };
    globals._posthogChunkIds = {
      "Error\n    at /home/ada/app/main.js:1:1": chunk,
      "Error\n    at /home/ada/app/odd.js:1:1": "/home/ada/odd",
    };
    globals._posthogReleaseId = "2.1.0-rc_1";
    try {
      const error = withStack(
        "x",
        "    at a (/home/ada/app/main.js:1:2)",
        "    at b (/home/ada/app/odd.js:3:4)",
      );
      expect(sent(error).$release_id).toBe("2.1.0-rc_1");
      expect(framesOf(error)).toMatchObject([
        { filename: "<path>/odd.js", chunk_id: "<home>/<path>" },
        { filename: "<path>/main.js", chunk_id: chunk },
      ]);
    } finally {
      delete globals._posthogChunkIds;
      delete globals._posthogReleaseId;
    }
  });

  it.each([
    ["span", true, "generic", "error"],
    ["captureError", true, "generic", "error"],
    ["uncaughtException", false, "onuncaughtexception", "fatal"],
    ["unhandledRejection", false, "onunhandledrejection", "fatal"],
  ] as const)("says whether an error of origin %s was handled", (origin, handled, type, level) => {
    const { $exception_level, $exception_list } = sent(new Error("x"), { origin });
    expect($exception_level).toBe(level);
    expect($exception_list[0]?.mechanism).toMatchObject({ handled, type, synthetic: false });
  });

  it("lists causes and members as PostHog does, each with its type", () => {
    class Refused extends Error {
      override readonly name = "Refused";
    }
    const error = new AggregateError([new Refused("b"), Symbol("c"), { status: 500 }], "a", {
      cause: Object.assign(new Error("why"), { code: "ENOENT" }),
    });
    expect(sent(error).$exception_list).toMatchObject([
      { type: "AggregateError", value: "a", mechanism: { exception_id: 0 } },
      { type: "Error", value: "why", mechanism: { parent_id: 0, source: "cause" } },
      { type: "Refused", value: "b", mechanism: { parent_id: 0, source: "member" } },
      { type: "symbol", value: "Symbol(c)", mechanism: { synthetic: true } },
      { type: "Object", value: "an object with status" },
    ]);
  });

  it("has an empty stack for an error without frames, and no stack for a string", () => {
    const error = new Error("x");
    error.stack = "Error: x";
    expect(sent(error).$exception_list[0]).toMatchObject({ stacktrace: { frames: [] } });
    expect(sent("x").$exception_list[0]).not.toHaveProperty("stacktrace");
  });

  it("can be redacted as a whole by denying its key", () => {
    const { $exception_list: list } = sent(new Error("x"), {}, { denyKeys: ["$exception_list"] });
    expect(list).toBe("<redacted>");
  });
});
