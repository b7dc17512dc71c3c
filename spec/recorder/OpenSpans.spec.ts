import type { Span } from "@opentelemetry/api";
import { ROOT_CONTEXT, SpanStatusCode, trace } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { OpenSpans } from "../../lib/recorder/OpenSpans.js";
import { tracerOf } from "./support.js";

const MAX_OPEN = 10_000;

let spans: OpenSpans;
let ended: ReadableSpan[];
let tracer: ReturnType<typeof tracerOf>;
beforeEach(() => {
  spans = new OpenSpans();
  ended = [];
  tracer = tracerOf(spans, {
    onStart: () => undefined,
    onEnd: (span) => void ended.push(span),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  });
});

const start = (name: string, parent?: Span): Span =>
  tracer.startSpan(name, {}, parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT);
const readable = (span: Span): ReadableSpan => span as unknown as ReadableSpan;
const names = (list: readonly ReadableSpan[]): string[] => list.map(({ name }) => name);
const young = (): string[] => names(spans.young.map(({ span }) => span));

describe("the open spans of a process", () => {
  it("are those that have not ended, oldest first, in whatever order others end", () => {
    const all = ["a", "b", "c", "d"].map((name) => start(name));
    all[1]?.end();
    all[3]?.end();
    start("e");
    expect(young()).toEqual(["a", "c", "e"]);
  });

  it("are the same however many others have ended meanwhile", () => {
    start("first");
    for (let i = 0; i < 5_000; i++) start(`short ${i}`).end();
    start("last");
    expect(young()).toEqual(["first", "last"]);
  });

  it("are old once the journal has looked at them", () => {
    const [first] = ["a", "b", "c"].map((name) => start(name));
    expect(young()).toHaveLength(3);
    spans.age(2);
    expect([young(), names([...spans.old])]).toEqual([["c"], ["a", "b"]]);
    first?.end();
    expect(names([...spans.old])).toEqual(["b"]);
  });

  it("know whether they have an open child, young or old", () => {
    const parent = start("parent");
    expect(spans.hasChildOf(readable(parent))).toBe(false);
    const child = start("child", parent);
    expect(spans.hasChildOf(readable(parent))).toBe(true);
    expect(young()).toHaveLength(2);
    spans.age(2);
    expect(spans.hasChildOf(readable(parent))).toBe(true);
    child.end();
    expect(spans.hasChildOf(readable(parent))).toBe(false);
    start("another", parent).end();
    expect(spans.hasChildOf(readable(parent))).toBe(false);
  });

  it("are at most 10,000 young and 10,000 old ones, the newest, if a host ends none", () => {
    for (let i = 0; i < MAX_OPEN + 500; i++) start(`${i}`);
    expect([young().length, young()[0]]).toEqual([MAX_OPEN, "500"]);
    spans.age(MAX_OPEN);
    for (let i = 0; i < 10; i++) start(`later ${i}`);
    expect(young()).toHaveLength(10);
    spans.age(10);
    expect([spans.old.size, names([...spans.old])[0]]).toEqual([MAX_OPEN, "510"]);
  });

  it("end with their process, innermost first, marked as unfinished, and fail only if it failed", () => {
    const outer = start("outer");
    spans.age(spans.young.length);
    const failed = start("failed", outer);
    failed.setStatus({ code: SpanStatusCode.ERROR, message: "its own" });
    start("inner", failed);
    start("over").end();
    ended = [];
    spans.endAll("uncaught", true);
    expect(names(ended)).toEqual(["inner", "failed", "outer"]);
    expect(ended.map(({ status }) => status)).toEqual([
      { code: SpanStatusCode.ERROR },
      { code: SpanStatusCode.ERROR, message: "its own" },
      { code: SpanStatusCode.ERROR },
    ]);
    expect(ended.map(({ attributes }) => attributes)).toEqual([
      { "land.unfinished": true, "land.ended_by": "uncaught", "error.type": "process_death" },
      { "land.unfinished": true, "land.ended_by": "uncaught" },
      { "land.unfinished": true, "land.ended_by": "uncaught", "error.type": "process_death" },
    ]);
    const quiet = start("quiet");
    spans.endAll("exit", false);
    expect(readable(quiet).status).toEqual({ code: SpanStatusCode.UNSET });
    expect(young()).toEqual([]);
  });
});
