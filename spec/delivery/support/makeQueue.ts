import * as http from "node:http";
import * as https from "node:https";
import { DeliveryQueue } from "../../../lib/delivery/DeliveryQueue";
import type { DeliveryQueueOptions } from "../../../lib/delivery/DeliveryQueue";
import type { DeliveryRecord } from "../../../lib/delivery/DeliveryRecord";
import { DeliveryStats } from "../../../lib/delivery/DeliveryStats";
import type { HttpTransportSettings } from "../../../lib/delivery/HttpTransport";
import type { RequestFormat } from "../../../lib/delivery/RequestFormat";

/** A queue with its counts, and a way to make records that it has accepted. */
export interface TestQueue {
  readonly queue: DeliveryQueue;
  readonly stats: DeliveryStats;
  /** Accepts this many records, by default of one item, and returns them. */
  readonly records: (count: number, shape?: Partial<DeliveryRecord>) => DeliveryRecord[];
}

/** The options of a queue that a specification sets. */
export interface TestQueueOptions extends Partial<
  Omit<DeliveryQueueOptions, "settings" | "format">
> {
  readonly settings?: Partial<HttpTransportSettings>;
  readonly format?: Partial<RequestFormat>;
}

let next = 0;

/** The given settings of a transport, with defaults for the others. */
export function settingsFor(
  url: string,
  given: Partial<HttpTransportSettings> = {},
): HttpTransportSettings {
  return {
    url,
    headers: () => ({}),
    timeoutMillis: 200,
    compression: "none",
    // The official factory uses a dynamic import, which Jest cannot do in a dependency.
    agentFactory: (protocol) =>
      new (protocol === "http:" ? http : https).Agent({ keepAlive: true }),
    ...given,
  };
}

/** A queue with short pauses, a short timeout and a JSON array as the body, unless the options say otherwise. */
export function makeQueue(url: string, options: TestQueueOptions = {}): TestQueue {
  const stats = new DeliveryStats();
  const queue = new DeliveryQueue({
    pipe: "posthog",
    stats,
    maxRecordsPerRequest: 10,
    breaker: { firstPauseMs: 20, maxPauseMs: 50 },
    replayDelayMs: 20,
    ...options,
    settings: settingsFor(url, options.settings),
    format: {
      join: (records) =>
        `[${records.map(({ body }) => Buffer.from(body as string).toString()).join(",")}]`,
      ...options.format,
    },
  });
  const records = (count: number, shape: Partial<DeliveryRecord> = {}): DeliveryRecord[] =>
    Array.from({ length: count }, () => {
      const id = `${process.pid}-${next++}`;
      const record = { id, count: 1, urgent: false, body: JSON.stringify({ id }), ...shape };
      queue.accept(record.count);
      return record;
    });
  return { queue, stats, records };
}

/** Checks that the counts balance, and returns them. */
export function balanced(stats: DeliveryStats): ReturnType<DeliveryStats["snapshot"]> {
  const counts = stats.snapshot();
  const dropped = Object.values(counts.dropped).reduce((sum, each) => sum + each, 0);
  const { delivered, unknown = 0, spooled, pending } = counts;
  expect(counts.accepted).toBe(delivered + unknown + dropped + spooled + pending);
  return counts;
}

/** Waits until a condition holds, limited only by the test's own timeout. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** The ids in the bodies that an endpoint took. */
export function idsOf(bodies: readonly string[]): string[] {
  return bodies.flatMap((body) => (JSON.parse(body) as { id: string }[]).map(({ id }) => id));
}
