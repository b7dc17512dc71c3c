import type { Context, Span } from "@opentelemetry/api";
import { context, INVALID_SPAN_CONTEXT, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { countedMark } from "../../lib/failures/mark.js";
import { settleFailure } from "../../lib/failures/settleFailure.js";
import { EventCapture } from "../../lib/posthog/EventCapture.js";
import { eventUuid } from "../../lib/posthog/PostHogEvent.js";
import type { Runtime } from "../../lib/shared/Runtime.js";
import { globalState } from "../../lib/shared/globalState.js";
import { keepDiagnostics } from "../support/diagnostics.js";
import { CONFIGURATION, contextOf, Sink } from "./support.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const tracer = new BasicTracerProvider().getTracer("spec");
const nameless = trace.setSpan(ROOT_CONTEXT, trace.wrapSpanContext(INVALID_SPAN_CONTEXT));

let sink: Sink;
let capture: EventCapture;
let span: Span;
let inside: Context;

beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(() => context.disable());
beforeEach(() => {
  sink = new Sink();
  capture = new EventCapture(contextOf(sink));
  span = tracer.startSpan("work", {}, ROOT_CONTEXT);
  inside = trace.setSpan(ROOT_CONTEXT, span);
});

const names = (): string[] => sink.sent.map(({ event }) => event);
const uuids = (): Set<string> => new Set(sink.sent.map(({ uuid }) => uuid));

describe("captureEvent", () => {
  it("sends the given properties with this tier and the current time, not as urgent", () => {
    const before = Date.now();
    capture.event("land:cocoon:entry:load", {
      entry: "main",
      $app: "mine",
      $tier: "other",
      $trace_id: "forged",
    });
    expect(sink.asked).toEqual([["land:cocoon:entry:load", undefined]]);
    expect(sink.sent).toMatchObject([
      {
        event: "land:cocoon:entry:load",
        distinctId: "someone",
        urgent: false,
        uuid: expect.stringMatching(UUID),
      },
    ]);
    expect(sink.sent[0]?.properties).toMatchObject({
      entry: "main",
      $app: "mine",
      $tier: "cocoon",
      $component: "cocoon",
      $trace_id: undefined,
      $span_id: undefined,
    });
    expect(Date.parse(sink.sent[0]?.timestamp ?? "")).toBeGreaterThanOrEqual(before);
  });

  it.each<[unknown, number]>([
    [undefined, 0],
    [{}, 0],
    [() => undefined, 0],
    [null, 1],
    ["text", 1],
    [7, 1],
  ])("sends an event with properties %p, and warns about a non-object", (properties, lines) => {
    const { messages, stop } = keepDiagnostics();
    capture.event("saved", properties as never);
    expect(names()).toEqual(["saved"]);
    expect(messages).toHaveLength(lines);
    stop();
  });

  it("attaches an event to the active span, if that has an identity", () => {
    context.with(inside, () => capture.event("one"));
    context.with(nameless, () => capture.event("two"));
    const { traceId, spanId } = span.spanContext();
    expect(
      sink.sent.map(({ properties }) => [properties["$trace_id"], properties["$span_id"]]),
    ).toEqual([
      [traceId, spanId],
      [undefined, undefined],
    ]);
  });

  it("attaches an event outside any span to the session start, with a mark that callers cannot forge", () => {
    const sessionTrace = tracer.startSpan("start", {}, ROOT_CONTEXT).spanContext();
    globalState().runtime = { sessionTrace } as Runtime;
    capture.event("one", { $trace_source: "forged" });
    context.with(inside, () => capture.event("two", { $trace_source: "forged" }));
    delete globalState().runtime;
    capture.event("three", { $trace_source: "forged" });
    expect(
      sink.sent.map(({ properties }) => [properties["$trace_id"], properties["$trace_source"]]),
    ).toEqual([
      [sessionTrace.traceId, "session"],
      [span.spanContext().traceId, undefined],
      [undefined, undefined],
    ]);
  });

  it("sends nothing that the throttle holds back, except reports on the pipe itself", () => {
    sink.admits = false;
    capture.event("one");
    capture.report("land:cocoon:throttle-dropped", { dropped: 1 });
    expect(sink.sent).toMatchObject([
      { event: "land:cocoon:throttle-dropped", urgent: false, properties: { dropped: 1 } },
    ]);
  });

  it("gives each event its own identity, even within one span", () => {
    for (let time = 0; time < 2; time++) context.with(inside, () => capture.event("one"));
    expect(uuids().size).toBe(2);
  });
});

describe("captureError", () => {
  it("sends the tag and the message, along with PostHog's exception", () => {
    capture.error("save", new TypeError("disk full"), { error_tag: "theirs", file: "x" });
    expect(sink.asked).toEqual([["land:cocoon:error", "save"]]);
    expect(sink.sent).toMatchObject([
      {
        event: "land:cocoon:error",
        urgent: true,
        properties: { error_tag: "save", error_message: "disk full", file: "x" },
      },
      {
        event: "$exception",
        urgent: true,
        distinctId: "someone",
        timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
        redacted: { $exception_list: [{ type: "TypeError", value: "disk full" }] },
      },
    ]);
  });

  it("takes a string as the message", () => {
    capture.error("save", "disk full");
    expect(sink.sent[0]?.properties).toMatchObject({ error_message: "disk full" });
  });

  it("sends the error's frames, those of the call for a string, and none for an uncaught string", () => {
    const made = (): Error => new Error("disk full");
    const called = (): void => capture.error("save", "disk full");
    capture.error("save", made());
    called();
    capture.error("uncaughtException", "disk full", {}, "uncaughtException");
    const stacks = sink.sent
      .filter(({ event }) => event === "land:cocoon:error")
      .map(({ redacted = {} }) => String(redacted["error_stack"]));
    expect(stacks).toEqual([
      expect.stringMatching(/^\s*at made /),
      expect.stringMatching(/at called /),
      "undefined",
    ]);
    expect(stacks[1]).not.toContain("made");
  });

  it("sends one event per Error, even if wrapped and captured again, but one per call for strings", () => {
    const error = new Error("disk full");
    capture.error("save", error);
    capture.error("save again", new Error("wrapped", { cause: error }));
    expect(names()).toEqual(["land:cocoon:error", "$exception"]);
    capture.error("save", "no luck");
    capture.error("save", "no luck");
    expect(names().filter((name) => name === "land:cocoon:error")).toHaveLength(3);
  });

  it("sends two errors in one span under identities that PostHog does not treat as one", () => {
    context.with(inside, () => {
      capture.error("first", new Error("one"));
      capture.error("second", new Error("two"));
    });
    context.with(nameless, () => capture.error("third", new Error("three")));
    expect(names()).toEqual([
      "land:cocoon:error",
      "$exception",
      "land:cocoon:error",
      "$exception",
      "land:cocoon:error",
      "$exception",
    ]);
    expect(uuids().size).toBe(6);
    const { traceId } = span.spanContext();
    expect(sink.sent.map(({ properties }) => properties["$trace_id"])).toEqual([
      traceId,
      traceId,
      traceId,
      traceId,
      undefined,
      undefined,
    ]);
  });

  it("counts an Error for the spans around it, by identity and by message", () => {
    const error = new Error("disk full");
    context.with(inside, () => capture.error("save", error));
    const { traceId, spanId } = span.spanContext();
    expect(countedMark(error)).toBe(`${traceId}-${spanId}`);
    expect(
      settleFailure({ span, traceId, spanId, parentSpanId: undefined, text: "disk full" }),
    ).toBe(false);
  });

  it("counts an Error even if it is throttled and outside any span", () => {
    sink.admits = false;
    const error = new Error("disk full");
    capture.error("save", error);
    expect(sink.sent).toEqual([]);
    expect(countedMark(error)).toBe(`${"0".repeat(32)}-${"0".repeat(16)}`);
  });

  it("does not count a string for the span around it: an equal one is another failure", () => {
    context.with(inside, () => capture.error("save", "disk full"));
    const { traceId, spanId } = span.spanContext();
    expect(
      settleFailure({ span, traceId, spanId, parentSpanId: undefined, text: "disk full" }),
    ).toBe(true);
  });

  it("sends no exception unless error tracking is on", () => {
    new EventCapture(contextOf(sink, CONFIGURATION)).error("save", new Error("x"));
    expect(names()).toEqual(["land:cocoon:error"]);
  });
});

describe("captureSession on a host's own provider", () => {
  it("sends the event of the span as the mirror would make it", () => {
    capture.session("land:cocoon:session:start", span);
    const { traceId, spanId } = span.spanContext();
    expect(sink.asked).toEqual([]);
    expect(sink.sent).toMatchObject([
      {
        uuid: eventUuid({ traceId, spanId }, "land:cocoon:session:start"),
        urgent: true,
        properties: {
          pid: String(process.pid),
          os: expect.any(String),
          arch: expect.any(String),
          $trace_id: traceId,
          $span_id: spanId,
        },
      },
    ]);
  });

  it("draws an identity for the event if the span has none", () => {
    capture.session("s", trace.wrapSpanContext(INVALID_SPAN_CONTEXT));
    capture.session("s", trace.wrapSpanContext(INVALID_SPAN_CONTEXT));
    expect(uuids().size).toBe(2);
    expect(sink.sent[0]).toMatchObject({
      uuid: expect.stringMatching(UUID),
      properties: { $trace_id: undefined },
    });
  });
});
