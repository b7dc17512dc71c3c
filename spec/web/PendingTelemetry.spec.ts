import { trace } from "@opentelemetry/api";
import { createPropagator } from "../../lib/propagation/createPropagator.js";
import { globalState } from "../../lib/shared/globalState.js";
import * as timers from "../../lib/shared/timers.js";
import { HeldSpans } from "../../lib/web/HeldSpans.js";
import type { PageTelemetry } from "../../lib/web/PendingTelemetry.js";
import { PendingTelemetry } from "../../lib/web/PendingTelemetry.js";

/** The rest of a page's telemetry, which writes down what it is asked. */
let asked: unknown[][];
const rest = {
  captureEvent: (...given: unknown[]) => void asked.push(["event", ...given]),
  captureError: (...given: unknown[]) => void asked.push(["error", ...given]),
  captureSession: () => void asked.push(["session"]),
  onUncaught: (...given: unknown[]) => void asked.push(["uncaught", ...given]),
} as unknown as PageTelemetry;
let load: () => Promise<PageTelemetry>;
let pending: PendingTelemetry;

beforeEach(() => {
  asked = [];
  load = () => Promise.resolve(rest);
  pending = new PendingTelemetry({
    tier: "sky",
    tracer: trace.getTracer("spec"),
    propagator: createPropagator(),
    sessionId: "session",
    spans: new HeldSpans(),
    isOn: (pipe) => pipe === "posthog",
    load: () => load(),
  });
  globalState().runtime = pending;
});
afterEach(() => {
  delete globalState().runtime;
  jest.restoreAllMocks();
});

describe("a page's telemetry before it is loaded", () => {
  it("keeps what it is told, as it was then and in its order, and hands it over", async () => {
    const properties: Record<string, unknown> = { at: "first" };
    pending.captureSession();
    pending.captureEvent("saved", properties);
    properties["at"] = "later";
    pending.captureError("tag", "text");
    pending.onUncaught("nobody's", "unhandledRejection");
    expect([asked, pending.isAllowed("posthog"), pending.isAllowed("otlp")]).toEqual([
      [],
      true,
      false,
    ]);
    expect(pending.stats().posthog).toMatchObject({ accepted: 4, pending: 4 });
    await pending.load();
    expect(asked).toEqual([
      ["session"],
      ["event", "saved", { at: "first" }],
      ["error", "tag", "text", undefined],
      ["uncaught", "nobody's", "unhandledRejection"],
    ]);
    expect(globalState().runtime).toBe(rest);
  });

  it("throws for no properties, whatever they are", async () => {
    const hostile = [
      {
        get broken() {
          throw new Error("theirs");
        },
        whole: 1,
      },
      new Proxy({}, { ownKeys: () => "none" }),
      7,
      null,
    ];
    for (const properties of hostile) pending.captureEvent("saved", properties as never);
    await pending.load();
    expect(asked.map(([, , properties]) => properties)).toEqual([{ whole: 1 }, {}, 7, null]);
  });

  it("counts what there is no room for", () => {
    for (let i = 0; i < 1_003; i++) pending.captureEvent("many");
    expect(pending.stats().posthog).toMatchObject({
      accepted: 1_003,
      pending: 1_000,
      dropped: { not_loaded: 3 },
    });
  });

  it("is loaded again after a while when its file does not come, and keeps what it was told", async () => {
    const set: [work: () => void, delayMs: number | undefined][] = [];
    jest.spyOn(timers, "setTimeout").mockImplementation(((work: () => void, delayMs?: number) => {
      set.push([work, delayMs]);
    }) as never);
    load = () => Promise.reject(new Error("404"));
    pending.captureEvent("saved");
    await pending.load();
    expect([asked, set.map(([, delayMs]) => delayMs)]).toEqual([[], [1_000]]);
    load = () => Promise.resolve(rest);
    set[0]?.[0]();
    await pending.load();
    expect(asked).toEqual([["event", "saved", undefined]]);
  });
});
