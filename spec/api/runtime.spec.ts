import { captureError, captureEvent, captureSession } from "../../lib/api/capture.js";
import {
  flush,
  isAllowed,
  markLaunched,
  shutdown,
  stats,
  watchChild,
} from "../../lib/api/lifecycle.js";
import { globalState } from "../../lib/shared/globalState.js";
import type { Runtime } from "../../lib/shared/Runtime.js";
import type { PipeStats, Stats } from "../../lib/shared/Stats.js";

const NOTHING: PipeStats = {
  accepted: 0,
  delivered: 0,
  replayed: 0,
  dropped: {},
  spooled: 0,
  pending: 0,
};
const COUNTED: Stats = { otlp: { ...NOTHING, accepted: 3, pending: 3 }, posthog: NOTHING };

afterEach(() => {
  delete globalState().runtime;
  delete globalState().finalStats;
});

/** Installs a runtime that notes each call and answers differently from having no runtime. */
function recordCalls(): { asked: unknown[][]; done: Promise<void> } {
  const asked: unknown[][] = [];
  const done = Promise.resolve();
  const answering =
    <Answer>(name: string, answer: Answer) =>
    (...given: unknown[]): Answer => {
      asked.push([name, ...given]);
      return answer;
    };
  globalState().runtime = {
    captureEvent: answering("captureEvent", undefined),
    captureError: answering("captureError", undefined),
    captureSession: answering("captureSession", undefined),
    isAllowed: answering("isAllowed", true),
    stats: answering("stats", COUNTED),
    flush: answering("flush", done),
    shutdown: answering("shutdown", done),
    markLaunched: answering("markLaunched", undefined),
    watchChild: answering("watchChild", undefined),
  } as unknown as Runtime;
  return { asked, done };
}

describe("a public function", () => {
  it("does nothing without telemetry, and answers that there is none", async () => {
    captureEvent("saved");
    captureError("tag", new Error("theirs"));
    captureSession();
    markLaunched();
    watchChild({ pid: 1, once: () => undefined });
    expect([isAllowed("otlp"), isAllowed("posthog")]).toEqual([false, false]);
    expect(stats()).toEqual({ otlp: NOTHING, posthog: NOTHING });
    const ends = [flush(1), shutdown(1)];
    expect(ends).toEqual([expect.any(Promise), expect.any(Promise)]);
    expect(await Promise.all(ends)).toEqual([undefined, undefined]);
  });

  it("passes its arguments to the running telemetry, and returns the answer", () => {
    const { asked, done } = recordCalls();
    const error = new Error("theirs");
    const child = { pid: 1, once: () => undefined };
    captureEvent("saved", { at: 1 });
    captureError("tag", error, { at: 2 });
    captureSession();
    markLaunched();
    watchChild(child, { expected: true });
    expect([isAllowed("otlp"), stats(), flush(1), shutdown(2)]).toEqual([
      true,
      COUNTED,
      done,
      done,
    ]);
    expect(asked).toEqual([
      ["captureEvent", "saved", { at: 1 }],
      ["captureError", "tag", error, { at: 2 }],
      ["captureSession"],
      ["markLaunched"],
      ["watchChild", child, { expected: true }],
      ["isAllowed", "otlp"],
      ["stats"],
      ["flush", 1],
      ["shutdown", 2],
    ]);
  });

  it("returns the last counts once telemetry has ended, if it is stats", () => {
    globalState().finalStats = COUNTED;
    expect(stats()).toBe(COUNTED);
  });
});
