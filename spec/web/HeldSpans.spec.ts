import { ROOT_CONTEXT } from "@opentelemetry/api";
import type { ReadableSpan, Span, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { HeldSpans } from "../../lib/web/HeldSpans.js";

const spanOf = (name: string): Span & ReadableSpan => ({ name }) as Span & ReadableSpan;

/** A processor that records its calls. */
function recorder(): SpanProcessor & { readonly told: readonly string[] } {
  const told: string[] = [];
  return {
    told,
    onStart: ({ name }: Span) => void told.push(`start ${name}`),
    onEnding: ({ name }: Span) => void told.push(`ending ${name}`),
    onEnd: ({ name }) => void told.push(`end ${name}`),
    forceFlush: () => Promise.resolve(void told.push("flush")),
    shutdown: () => Promise.resolve(void told.push("shutdown")),
  };
}

it("keeps ended spans until there are processors, and then passes everything on", async () => {
  const spans = new HeldSpans();
  spans.onStart(spanOf("early"), ROOT_CONTEXT);
  spans.onEnding(spanOf("early"));
  spans.onEnd(spanOf("early"));
  await spans.forceFlush();
  expect([spans.count, spans.lost]).toEqual([1, 0]);
  const both = [recorder(), recorder()];
  spans.handOver(both);
  expect(spans.count).toBe(0);
  spans.onStart(spanOf("late"), ROOT_CONTEXT);
  spans.onEnding(spanOf("late"));
  spans.onEnd(spanOf("late"));
  await spans.forceFlush();
  await spans.shutdown();
  for (const { told } of both)
    expect(told).toEqual([
      "end early",
      "start late",
      "ending late",
      "end late",
      "flush",
      "shutdown",
    ]);
});

it("counts the spans that it has no room for", () => {
  const spans = new HeldSpans();
  for (let n = 0; n < 2_050; n++) spans.onEnd(spanOf(String(n)));
  expect([spans.count, spans.lost]).toEqual([2_050, 2]);
  const processor = recorder();
  spans.handOver([processor]);
  expect([processor.told.length, processor.told.at(-1)]).toEqual([2_048, "end 2047"]);
});
