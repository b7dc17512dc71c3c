import { ROOT_CONTEXT } from "@opentelemetry/api";
import { extract, inject } from "../../lib/carriers/headers.js";
import { contentOf, contextWith, SPAN_ID, TRACEPARENT } from "./contexts.js";

const many = (count: number): [string, string][] =>
  Array.from({ length: count }, (_, index) => [`key-${index}`, "x"]);
const OTHER = TRACEPARENT.replace(SPAN_ID, "b7ad6b7169203331");

describe("a carrier with very many keys", () => {
  it.each([998, 999, 1_000, 5_000])(
    "has its traceparent read, and replaced, among %i other keys",
    (count) => {
      const entries: [string, string][] = [...many(count), ["traceparent", TRACEPARENT]];
      expect(contentOf(extract(Object.fromEntries(entries), ROOT_CONTEXT)).spanId).toBe(SPAN_ID);
      expect(contentOf(extract(new Map(entries), ROOT_CONTEXT)).spanId).toBe(SPAN_ID);
      const written = inject(
        Object.fromEntries([...many(count), ["traceparent", OTHER], ["tracestate", "old=1"]]),
        contextWith(),
      );
      expect([written["traceparent"], written["tracestate"]]).toEqual([TRACEPARENT, undefined]);
      const map = inject(
        new Map([...many(count), ["traceparent", OTHER], ["tracestate", "old=1"]]),
        contextWith(),
      );
      expect([map.get("traceparent"), map.get("tracestate"), map.size]).toEqual([
        TRACEPARENT,
        undefined,
        count + 1,
      ]);
    },
  );

  it("is searched for other letter cases only in its first thousand keys", () => {
    const behind = (count: number): string | undefined =>
      contentOf(
        extract(Object.fromEntries([...many(count), ["Traceparent", TRACEPARENT]]), ROOT_CONTEXT),
      ).spanId;
    expect([behind(999), behind(1_000)]).toEqual([SPAN_ID, undefined]);
    const map = (count: number): string | undefined =>
      contentOf(extract(new Map([...many(count), ["Traceparent", TRACEPARENT]]), ROOT_CONTEXT))
        .spanId;
    expect([map(999), map(1_000)]).toEqual([SPAN_ID, undefined]);
  });

  it("gives no context if it has no traceparent", () => {
    expect(extract(Object.fromEntries(many(2_000)), ROOT_CONTEXT)).toBe(ROOT_CONTEXT);
    expect(extract(new Map(many(2_000)), ROOT_CONTEXT)).toBe(ROOT_CONTEXT);
  });
});

describe("keys that are not a header's name", () => {
  it("are ignored, even if they resemble it or are not strings", () => {
    const map = new Map<unknown, string>([
      [7, OTHER],
      ["tracepareNT ", OTHER],
      ["xraceparent", OTHER],
      ["traceparenX", OTHER],
      [Symbol("traceparent"), OTHER],
      ["TraceParent", TRACEPARENT],
    ]);
    expect(contentOf(extract(map, ROOT_CONTEXT)).spanId).toBe(SPAN_ID);
  });
});
