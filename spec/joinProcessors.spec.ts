import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { Ledger } from "../lib/delivery/Ledger.js";
import { Courier } from "../lib/delivery/Courier.js";
import { joinProcessors } from "../lib/joinProcessors.js";
import { MirrorSpanProcessor } from "../lib/posthog/MirrorSpanProcessor.js";
import type { MirrorEvent } from "../lib/posthog/MirrorEvent.js";
import { OtlpPipe } from "../lib/tracing/OtlpPipe.js";
import { createRedactor } from "../lib/redaction/createRedactor.js";
import { Tier } from "../lib/resource/Tier.js";

describe("joinProcessors", () => {
  const ledger = new Ledger();
  const settings = {
    url: "http://127.0.0.1:9/v1/traces",
    protocol: "http/json",
    timeoutMillis: 100,
  } as const;
  const courier = new Courier({ pipe: "otlp", url: settings.url, ledger, assemble: () => "" });
  const pipe = new OtlpPipe({
    settings,
    redactor: createRedactor({ enabled: false }),
    ledger,
    courier: () => courier,
  });
  const events: MirrorEvent[] = [];
  const ended: string[] = [];
  const identity = {
    tier: Tier.Cocoon,
    app: { name: "app", version: "1.0.0", buildMode: "debug" },
    distinctId: "someone",
    pid: 1,
  };
  const mirror = new MirrorSpanProcessor({
    identity,
    selection: () => "chosen",
    sink: { admit: () => true, send: (event) => events.push(event) },
    exceptions: undefined,
    forceFlush: () => {
      ended.push("flush");
      return Promise.resolve();
    },
    shutdown: () => {
      ended.push("shutdown");
      return Promise.resolve();
    },
  });
  afterAll(() => courier.close(0));

  it("is nothing, the one pipe that is on, or both as one", () => {
    expect(joinProcessors(undefined, undefined)).toEqual([]);
    expect(joinProcessors(mirror, undefined)).toEqual([mirror]);
    expect(joinProcessors(undefined, pipe)).toEqual([pipe]);
    expect(joinProcessors(mirror, pipe)).toHaveLength(1);
  });

  it("shows each span to the mirror while it can still be changed, then to both, and ends both", async () => {
    const seen: ReadableSpan[] = [];
    const provider = new BasicTracerProvider({
      spanProcessors: [
        ...joinProcessors(mirror, pipe),
        {
          onStart: () => undefined,
          onEnd: (span) => void seen.push(span),
          forceFlush: () => Promise.resolve(),
          shutdown: () => Promise.resolve(),
        },
      ],
    });
    provider.getTracer("land.cocoon").startSpan("one").end();
    expect(events.map(({ event }) => event)).toEqual(["chosen"]);
    expect(seen[0]?.attributes).toEqual({
      "posthog.event": "chosen",
      "posthog.distinct_id": "someone",
    });
    expect(ledger.stats()).toMatchObject({ accepted: 1, pending: 1 });
    await provider.forceFlush();
    await provider.shutdown();
    expect(ended).toEqual(["flush", "shutdown"]);
    expect(ledger.stats().pending).toBe(0);
  });
});
