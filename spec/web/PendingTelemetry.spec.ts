import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { createPropagator } from "../../lib/propagation/createPropagator.js";
import { globalState } from "../../lib/shared/globalState.js";
import * as timers from "../../lib/shared/timers.js";
import { HeldSpans } from "../../lib/web/HeldSpans.js";
import type {
  CapturedError,
  LoadedTelemetry,
  PendingParts,
} from "../../lib/web/PendingTelemetry.js";
import { PendingTelemetry } from "../../lib/web/PendingTelemetry.js";
import { keepDiagnostics } from "../support/diagnostics.js";

/** The rest of a page's telemetry, which records what it is asked. */
let asked: unknown[][];
let identities: [id: string, timestamp: string][];
/** How many items localStorage held when each error was handed over. */
let kept: number[];
const storage = new Map<string, string>();
const rest = {
  captureEvent: (...given: unknown[]) => void asked.push(["event", ...given]),
  onCaptured: ({ id, timestamp, ...given }: CapturedError) => {
    asked.push(["error", given]);
    identities.push([id, timestamp]);
    kept.push([...storage.values()].length);
  },
  captureSession: () => void asked.push(["session"]),
} as unknown as LoadedTelemetry;
let load: () => Promise<LoadedTelemetry>;
let parts: PendingParts;
let pending: PendingTelemetry;
let isOn = true;

beforeEach(() => {
  asked = [];
  identities = [];
  kept = [];
  storage.clear();
  Object.assign(globalThis, {
    localStorage: {
      setItem: (key: string, value: string) => storage.set(key, value),
      removeItem: (key: string) => storage.delete(key),
    },
  });
  load = () => Promise.resolve(rest);
  parts = {
    tier: "sky",
    tracer: trace.getTracer("spec"),
    propagator: createPropagator(),
    sessionId: "session",
    spans: new HeldSpans(),
    isOn: (pipe) => isOn && pipe === "posthog",
    load: () => load(),
  };
  pending = new PendingTelemetry(parts);
  globalState().runtime = pending;
});
afterEach(() => {
  delete globalState().runtime;
  Reflect.deleteProperty(globalThis, "localStorage");
  jest.restoreAllMocks();
});

describe("a page's telemetry before it is loaded", () => {
  it("keeps what it is given, in order and as it was then, and hands it over once loaded", async () => {
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
      ["error", { tag: "tag", error: "text", properties: undefined, origin: "captureError" }],
      [
        "error",
        {
          tag: "unhandledRejection",
          error: "nobody's",
          properties: {},
          origin: "unhandledRejection",
        },
      ],
    ]);
    expect(globalState().runtime).toBe(rest);
  });

  it("keeps a record of an error, in words that need no redaction, until it is handed over", async () => {
    pending.captureError("sky:open", Object.assign(new RangeError("of /home/pat/x"), { code: 1 }));
    pending.captureError("of /home/pat", Object.assign(new Error("x"), { name: "sk_live_1234" }));
    pending.onUncaught(new DOMException("stopped", "AbortError"), "unhandledRejection");
    expect([...storage.values()].map((text) => JSON.parse(text) as unknown)).toMatchObject([
      { tag: "sky:open", type: "RangeError", origin: "captureError", sessionId: "session" },
      { tag: "Error", type: "Error", origin: "captureError" },
    ]);
    expect([...storage].join()).not.toMatch(/pat|sk_live/);
    const ids = [...storage.keys()].map((key) => key.slice(key.lastIndexOf(":") + 1));
    await pending.load();
    expect(identities.map(([id]) => id).slice(0, 2)).toEqual(ids);
    // Each record stays until the rest has kept it as an event.
    expect(kept).toEqual([2, 1, 0]);
    expect(storage.size).toBe(0);
  });

  it("keeps no record of errors if events are off or there is no storage, and otherwise only a few", () => {
    isOn = false;
    pending.captureError("sky:open", new Error("x"));
    expect(storage.size).toBe(0);
    isOn = true;
    for (let i = 0; i < 30; i++) pending.captureError("sky:open", new Error("x"));
    expect(storage.size).toBeLessThanOrEqual(20);
    Reflect.deleteProperty(globalThis, "localStorage");
    pending.captureError("sky:open", new Error("x"));
  });

  it("does not throw, whatever the properties are", async () => {
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

  it("is loaded again after a while if its file does not arrive, and keeps what it was given", async () => {
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

  it("gives up after a few attempts to load its file, and says so once", async () => {
    const set: [work: () => void, delayMs: number | undefined][] = [];
    jest.spyOn(timers, "setTimeout").mockImplementation(((work: () => void, delayMs?: number) => {
      set.push([work, delayMs]);
    }) as never);
    load = () => Promise.reject(new Error("404"));
    const { messages, stop } = keepDiagnostics();
    await pending.load();
    for (let count = 0; count < set.length; count++) {
      set[count]?.[0]();
      await pending.load();
    }
    const said = [...messages];
    stop();
    expect(set.map(([, delayMs]) => delayMs)).toEqual([1_000, 10_000, 60_000]);
    expect(said).toEqual(["land-telemetry: the rest of the telemetry cannot be loaded"]);
  });

  it("has what spans and carriers need from the start, and counts the spans it holds", () => {
    const { tier, tracer, propagator, sessionId, spans } = parts;
    expect(pending).toMatchObject({ tier, tracer, propagator, sessionId });
    for (let n = 0; n < 2_050; n++) spans.onEnd({} as ReadableSpan);
    expect(pending.stats().otlp).toEqual({
      accepted: 2_050,
      delivered: 0,
      replayed: 0,
      dropped: { not_loaded: 2 },
      spooled: 0,
      pending: 2_048,
    });
  });

  it("passes everything on once the rest is loaded, even if another runtime is registered by then", async () => {
    const counted = { otlp: {}, posthog: {} };
    const span = trace.wrapSpanContext({ traceId: "0", spanId: "0", traceFlags: 0 });
    const note =
      <Answer>(name: string, answer?: Answer) =>
      (...given: unknown[]): Answer | undefined => {
        asked.push([name, ...given]);
        return answer;
      };
    Object.assign(rest, {
      isAllowed: note("isAllowed", false),
      stats: note("stats", counted),
      flush: note("flush", Promise.resolve()),
      shutdown: note("shutdown", Promise.resolve()),
      closeFailed: note("closeFailed"),
    });
    const failure = new Error("x");
    pending.closeFailed(span, failure, ROOT_CONTEXT);
    const another = { tier: "other" } as never;
    globalState().runtime = another;
    await pending.flush(5);
    await pending.shutdown(6);
    pending.captureEvent("late");
    expect([pending.isAllowed("posthog"), pending.stats()]).toEqual([false, counted]);
    expect(asked).toEqual([
      ["closeFailed", span, failure, ROOT_CONTEXT],
      ["flush", 5],
      ["shutdown", 6],
      ["event", "late", undefined],
      ["isAllowed", "posthog"],
      ["stats"],
    ]);
    expect(globalState().runtime).toBe(another);
  });
});
