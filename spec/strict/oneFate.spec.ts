/**
 * Sends spans and events of arbitrary values, among ordinary ones, to receivers that refuse what the real ones refuse.
 * `npm run test:strict` sends 100,000, to the Collector's own decoder if Go is installed.
 */
import type { SpanOptions, TimeInput } from "@opentelemetry/api";
import { ROOT_CONTEXT, SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { AlwaysOnSampler, BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import fc from "fast-check";
import { readConfiguration } from "../../lib/config/readConfiguration";
import type { OtlpProtocol } from "../../lib/config/TelemetryOptions";
import { DeliveryQueue } from "../../lib/delivery/DeliveryQueue";
import { DeliveryStats } from "../../lib/delivery/DeliveryStats";
import { EventCapture } from "../../lib/posthog/EventCapture";
import { MirrorSpanProcessor } from "../../lib/posthog/MirrorSpanProcessor";
import { PostHogPipe } from "../../lib/posthog/PostHogPipe";
import { createRedactor } from "../../lib/redaction/createRedactor";
import { newSessionId } from "../../lib/resource/identity";
import { Tier } from "../../lib/resource/Tier";
import type { PipeStats } from "../../lib/shared/Stats";
import { otlpFormat } from "../../lib/tracing/otlpFormat";
import { isFailed, SpanSerializer } from "../../lib/tracing/SpanSerializer";
import { SpoolingSpanProcessor } from "../../lib/tracing/SpoolingSpanProcessor";
import { settingsFor } from "../delivery/support/makeQueue";
import { calls, captured, members } from "./arbitraries";
import type { StrictReceiver } from "./Receivers";
import { ORDINARY, startGoReceiver, startReceiver } from "./Receivers";

/** The number of spans or events for each protocol; half of them are arbitrary. */
const ITEMS = Number(process.env["STRICT_ITEMS"] ?? 2_000);
const GO_RECEIVER = process.env["STRICT_RECEIVER"];
const PER_RUN = 50;
const RUNS = Math.ceil(ITEMS / (2 * PER_RUN));
const MAX_MS = 60_000 + 20 * ITEMS;

jest.setTimeout(MAX_MS);

const provider = new BasicTracerProvider({ sampler: new AlwaysOnSampler() });
const tracer = provider.getTracer("land.air");

/** Gives a span own members of any name and type, whatever its class has in their place. */
function overwrite(span: object, changes: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(changes))
    if (name === "context") Object.defineProperty(span, "spanContext", { value: () => value });
    else Object.defineProperty(span, name, { value, configurable: true });
}

/** Ignores what is thrown: with such arguments, that is between the caller and the SDK. */
function quietly(act: () => void): void {
  try {
    act();
  } catch {
    // The span goes on without it.
  }
}

type Calls = typeof calls extends fc.Arbitrary<infer T> ? T : never;

/** Makes a span as a careless caller would, ends it, and then changes it as no SDK would. */
function arbitrarySpan(given: Calls, changes: Readonly<Record<string, unknown>>): ReadableSpan {
  const options = { startTime: given.startTime, attributes: given.attributes } as SpanOptions;
  let span = tracer.startSpan("arbitrary", {}, ROOT_CONTEXT);
  quietly(() => (span = tracer.startSpan("arbitrary", options, ROOT_CONTEXT)));
  const wild = span as unknown as Record<string, (...args: unknown[]) => void>;
  quietly(() => wild["setAttribute"]?.(given.key ?? "key", given.value));
  if (given.event) quietly(() => wild["addEvent"]?.(...(given.event as unknown[])));
  if (given.exception) quietly(() => wild["recordException"]?.(...(given.exception as unknown[])));
  if (given.status) quietly(() => wild["setStatus"]?.(given.status));
  if (given.link) quietly(() => wild["addLink"]?.(given.link));
  if ("name" in given) quietly(() => wild["updateName"]?.(given.name));
  quietly(() => span.end(given.end as TimeInput));
  quietly(() => span.end());
  overwrite(span, changes);
  return span as unknown as ReadableSpan;
}

function sum({ delivered, dropped, unknown = 0, spooled, pending }: PipeStats): number {
  const given = Object.values(dropped).reduce((total, count) => total + count, 0);
  return delivered + given + unknown + spooled + pending;
}

describe.each(["http/json", "http/protobuf"] as const)("spans as %s", (protocol: OtlpProtocol) => {
  let receiver: StrictReceiver;
  beforeAll(async () => {
    receiver = await (GO_RECEIVER === undefined ? startReceiver() : startGoReceiver(GO_RECEIVER));
  });
  afterAll(() => receiver.close());

  it.each([
    ["with redaction", {}],
    ["without", { enabled: false }],
  ])(
    "arrive once if ordinary, and otherwise either arrive or are counted as lost, %s",
    async (_name, privacy) => {
      const stats = new DeliveryStats();
      const settings = settingsFor(`${receiver.url}/v1/traces`, { timeoutMillis: 60_000 });
      const queue = new DeliveryQueue({ pipe: "otlp", stats, settings, format: otlpFormat });
      const { otlp: batch } = readConfiguration("air");
      const serializer = new SpanSerializer(protocol, createRedactor(privacy), queue);
      const processor = new SpoolingSpanProcessor({ queue, serializer, settings, batch });
      const before = await receiver.taken();
      const others = before.others;
      const names = new Set<string>();
      const thrown: unknown[] = [];
      let [next, sent] = [0, 0];
      const runs = fc.array(fc.tuple(calls, members), { minLength: PER_RUN, maxLength: PER_RUN });
      await fc.assert(
        fc.asyncProperty(runs, async (recipes) => {
          for (const [given, changes] of recipes) {
            const name = `${ORDINARY}${_name}-${next++}`;
            const ordinary = tracer.startSpan(name, { attributes: { n: next } }, ROOT_CONTEXT);
            ordinary.end();
            names.add(name);
            processor.onEnd(ordinary as unknown as ReadableSpan);
            try {
              processor.onEnd(arbitrarySpan(given, changes));
            } catch (error) {
              // fast-check would print the recipe, whose getters throw too.
              thrown.push(error);
            }
            sent += 2;
          }
          await processor.forceFlush();
        }),
        { numRuns: Math.ceil(RUNS / 2), endOnFailure: true },
      );
      const after = await receiver.taken();
      const books = stats.snapshot();
      expect(thrown.map(String)).toEqual([]);
      expect(after.refused).toEqual([]);
      expect([...names].filter((name) => after.ordinary[name] !== 1)).toEqual([]);
      expect({ ...books, all: sum(books) }).toMatchObject({
        pending: 0,
        spooled: 0,
        all: books.accepted,
      });
      // Unsampled spans are not accepted.
      expect(books.accepted).toBeLessThanOrEqual(sent);
      expect(books.delivered).toBe(names.size + after.others - others);
      await processor.shutdown();
      queue.closeNow();
    },
  );
});

describe("events", () => {
  it.each([
    ["with redaction", {}],
    ["without", { enabled: false }],
  ])(
    "arrive once if ordinary, and otherwise either arrive or are counted as lost, %s",
    async (_name, privacy) => {
      const receiver = await startReceiver();
      const stats = new DeliveryStats();
      const configuration = readConfiguration({
        tier: Tier.Air,
        capture: true,
        privacy,
        spool: false,
        throttle: { perSecond: 1e9, errorCap: 1e9 },
        mirror: () => true,
        posthog: { enabled: true, key: "phc_key", host: receiver.url, errorTracking: true },
      });
      const redactor = createRedactor(privacy);
      const origin = { configuration, redactor, sessionId: newSessionId() };
      const pipe = new PostHogPipe({ ...origin, stats, recorder: undefined });
      const context = { ...origin, pipe };
      const [mirror, capture] = [new MirrorSpanProcessor(context), new EventCapture(context)];
      const names = new Set<string>();
      const missing: unknown[] = [];
      const thrown: unknown[] = [];
      let next = 0;
      const runs = fc.array(fc.tuple(calls, members, captured), {
        minLength: PER_RUN / 2,
        maxLength: PER_RUN / 2,
      });
      await fc.assert(
        fc.asyncProperty(runs, async (recipes) => {
          for (const [given, changes, { name, failure, properties }] of recipes) {
            const ordinary = `${ORDINARY}${next++}`;
            names.add(ordinary);
            const span = tracer.startSpan(ordinary, {}, ROOT_CONTEXT);
            span.setStatus({ code: SpanStatusCode.ERROR });
            mirror.onStart(span as never);
            mirror.onEnding(span as never);
            span.end();
            mirror.onEnd(span as unknown as ReadableSpan);
            const other = arbitrarySpan(given, changes);
            const { accepted } = stats.snapshot();
            try {
              mirror.onEnding(other as never);
              mirror.onEnd(other);
            } catch (error) {
              // fast-check would print the recipe, whose getters throw too.
              thrown.push(error);
            }
            // A failed span whose status can be read makes an event, or is counted as lost.
            if (isFailed(other) && stats.snapshot().accepted === accepted)
              missing.push(Object.keys(changes).join());
            // The public functions shield their caller from what these throw, for example from a property's getter.
            quietly(() => capture.event(name as string, properties as never));
            quietly(() => capture.error("tag", failure, properties as never));
          }
          await pipe.release();
          await pipe.queue.drain(60_000);
        }),
        { numRuns: Math.ceil(RUNS / 2), endOnFailure: true },
      );
      const after = await receiver.taken();
      const books = stats.snapshot();
      expect(thrown.map(String)).toEqual([]);
      expect(missing).toEqual([]);
      expect(after.refused).toEqual([]);
      expect([...names].filter((name) => after.ordinary[name] !== 1)).toEqual([]);
      expect({ ...books, all: sum(books) }).toMatchObject({
        pending: 0,
        spooled: 0,
        all: books.accepted,
      });
      const ordinary = Object.values(after.ordinary).reduce((total, count) => total + count, 0);
      expect(books.delivered).toBe(ordinary + after.others);
      expect(after.others).toBeGreaterThan(0);
      pipe.close();
      pipe.queue.closeNow();
      await receiver.close();
    },
  );
});
