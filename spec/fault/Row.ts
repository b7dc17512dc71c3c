import type { Pipe } from "../../lib/shared/Stats";
import type { Arrivals } from "./Arrivals";
import type { JobResult } from "./runJob";

/** One line of the table. */
export interface Row {
  readonly name: string;
  readonly pipe: Pipe | "both";
  readonly accepted?: number;
  readonly delivered?: number;
  /** For events, identities beyond the first; for spans, repeats, which "at least once" allows. */
  readonly duplicates?: number;
  /** Dropped and counted, by reason. */
  readonly dropped?: Readonly<Record<string, number>>;
  readonly lost?: number;
  /** Exit code or signal without us and with us. */
  readonly exits?: readonly [without: string, withUs: string];
  /** Time to the end without us and with us, in ms. */
  readonly ends?: readonly [without: number, withUs: number];
  readonly lines?: number;
  readonly note?: string;
  /** The expectations that the row does not meet. */
  readonly misses: readonly string[];
}

/** How much of what was accepted has arrived, over any number of children. */
export function compare(
  pipe: Pipe,
  results: readonly Pick<JobResult, "journal">[],
  arrivals: Arrivals,
  isExcused: (name: string) => boolean = () => false,
): { accepted: number; delivered: number; duplicates: number; lost: number; lostNames: string[] } {
  const expected = new Map<string, number>();
  for (const { journal } of results)
    for (const name of journal.accepted(pipe)) expected.set(name, (expected.get(name) ?? 0) + 1);
  let [accepted, delivered, duplicates, lost] = [0, 0, 0, 0];
  const lostNames: string[] = [];
  for (const [name, count] of expected) {
    const came = arrivals.counts[pipe].get(name) ?? 0;
    accepted += count;
    delivered += Math.min(came, count);
    duplicates += Math.max(0, came - count);
    if (came >= count || isExcused(name)) continue;
    lost += count - came;
    lostNames.push(name);
  }
  return { accepted, delivered, duplicates, lost, lostNames };
}

/** The end of a process as one word. */
export function endOf({ code, signal }: JobResult): string {
  return signal ?? String(code);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

/** A miss for each child whose books did not balance at some moment. */
export function balanceMisses(results: readonly JobResult[]): string[] {
  return results.flatMap(({ journal }) =>
    journal.unbalanced.length > 0 ? [`unbalanced: ${JSON.stringify(journal.unbalanced[0])}`] : [],
  );
}

/** Collects the misses of a row. */
export class Misses {
  readonly list: string[] = [];

  expect(holds: boolean, otherwise: string): void {
    if (!holds) this.list.push(otherwise);
  }
}
