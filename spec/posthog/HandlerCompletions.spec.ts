import type { HandlerRun } from "../../lib/posthog/HandlerCompletions.js";
import { HandlerCompletions } from "../../lib/posthog/HandlerCompletions.js";

const spanOf = (spanId: string): NonNullable<HandlerRun["span"]> => ({
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  spanId,
  traceFlags: 1,
});
const run = (feature: string, durationMs: number, more: Partial<HandlerRun> = {}): HandlerRun => ({
  event: "land:cocoon:handler:complete",
  tier: "cocoon",
  feature,
  durationMs,
  ok: true,
  cancelled: false,
  span: undefined,
  ...more,
});

function completionsAt(perSecond: number) {
  let now = 5_000;
  const completions = new HandlerCompletions(perSecond, () => now);
  return { completions, wait: (ms: number) => (now += ms) };
}

describe("HandlerCompletions", () => {
  it("admits a limited number of runs a second as events, and gathers the rest by feature", () => {
    const { completions, wait } = completionsAt(5);
    const own = (): number =>
      Array.from({ length: 20 }, (_, i) => completions.admit(run(i % 2 ? "a" : "b", i + 1))).filter(
        Boolean,
      ).length;
    expect(own()).toBe(5);
    wait(999);
    expect(own()).toBe(0);
    wait(1);
    expect(own()).toBe(5);
    const counts = completions
      .take()
      .map(({ count, properties }) => [properties["feature"], count]);
    expect(counts.sort()).toEqual([
      ["a", 26],
      ["b", 24],
    ]);
    expect(completions.take()).toEqual([]);
  });

  it("summarises the gathered runs, with the span of the slowest", () => {
    const { completions, wait } = completionsAt(0.5);
    for (let i = 1; i <= 96; i++)
      completions.admit(run("$hover", i, { span: spanOf(i.toString(16).padStart(16, "0")) }));
    completions.admit(run("$hover", 2, { ok: false }));
    completions.admit(run("$hover", 3, { ok: false, cancelled: true }));
    completions.admit(run("$hover", 1_000, { span: spanOf("b".repeat(16)), ok: false }));
    wait(7_000);
    completions.admit(run("$hover", 4));
    const [gathered, ...more] = completions.take();
    expect(more).toEqual([]);
    expect(gathered).toMatchObject({
      event: "land:cocoon:handler:complete",
      tier: "cocoon",
      count: 100,
      span: { spanId: "b".repeat(16) },
      properties: {
        feature: "$hover",
        ok: false,
        count: 100,
        failures: 2,
        cancelled: 1,
        sum_ms: 4_656 + 1_009,
        max_ms: 1_000,
        window_ms: 7_000,
      },
    });
    const { duration_ms: duration, p50_ms: p50, p95_ms: p95 } = gathered?.properties ?? {};
    expect(duration).toBe(p50);
    expect(Math.abs(Number(p50) - 47)).toBeLessThan(0.5);
    expect(Math.abs(Number(p95) - 92)).toBeLessThan(1);
  });

  it("reports ok if every run that was not ok was cancelled", () => {
    const { completions } = completionsAt(0.5);
    completions.admit(run("a", 1, { ok: false, cancelled: true }));
    expect(completions.take()[0]?.properties).toMatchObject({
      ok: true,
      failures: 0,
      cancelled: 1,
    });
  });

  it("keeps a bounded number of features apart, but counts every run", () => {
    const { completions } = completionsAt(0.5);
    for (let i = 0; i < 5_000; i++) completions.admit(run(`feature-${i}`, 1));
    const gathered = completions.take();
    expect(gathered).toHaveLength(1_001);
    expect(gathered.reduce((sum, { count }) => sum + count, 0)).toBe(5_000);
    expect(gathered.find(({ properties }) => properties["feature"] === "*")?.count).toBe(4_000);
  });

  it("keeps tiers and events apart", () => {
    const { completions } = completionsAt(0.5);
    for (const tier of ["air", "cocoon"])
      completions.admit(run("a", 1, { tier, event: `land:${tier}:handler:complete` }));
    expect(completions.take().map(({ tier }) => tier)).toEqual(["air", "cocoon"]);
  });
});
