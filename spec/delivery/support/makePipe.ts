import { Courier } from "../../../lib/delivery/Courier";
import type { CourierOptions } from "../../../lib/delivery/CourierOptions";
import { Ledger } from "../../../lib/delivery/Ledger";
import type { Parcel } from "../../../lib/delivery/Parcel";

/** A courier with its ledger, and parcels that were accepted by it. */
export interface TestPipe {
  readonly courier: Courier;
  readonly ledger: Ledger;
  /** Accepts so many parcels of one and gives them. */
  readonly parcels: (count: number, shape?: Partial<Parcel>) => Parcel[];
}

let next = 0;

/** Quick pauses, a small budget, and a JSON array of the parcels as body, whatever the options do not say. */
export function makePipe(url: string, options: Partial<CourierOptions> = {}): TestPipe {
  const ledger = new Ledger();
  const courier = new Courier({
    pipe: "posthog",
    url,
    ledger,
    assemble: (parcels) =>
      `[${parcels.map(({ body }) => Buffer.from(body as string).toString()).join(",")}]`,
    maxParcelsPerPost: 10,
    timeoutMs: 300,
    breaker: { firstPauseMs: 20, maxPauseMs: 50 },
    replayDelayMs: 20,
    ...options,
  });
  const parcels = (count: number, shape: Partial<Parcel> = {}): Parcel[] =>
    Array.from({ length: count }, () => {
      const id = `${process.pid}-${next++}`;
      const parcel = { id, count: 1, urgent: false, body: JSON.stringify({ id }), ...shape };
      ledger.accept(parcel.count);
      return parcel;
    });
  return { courier, ledger, parcels };
}

/** Checks that the books balance, and gives them. */
export function balanced(ledger: Ledger): ReturnType<Ledger["stats"]> {
  const stats = ledger.stats();
  const dropped = Object.values(stats.dropped).reduce((sum, each) => sum + each, 0);
  expect(stats.accepted).toBe(stats.delivered + dropped + stats.spooled + stats.pending);
  return stats;
}

/** Waits until something holds; the test's own timeout is the bound. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** The ids in the bodies that a far end took. */
export function idsOf(bodies: readonly string[]): string[] {
  return bodies.flatMap((body) => (JSON.parse(body) as { id: string }[]).map(({ id }) => id));
}
