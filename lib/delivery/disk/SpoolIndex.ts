import type { Parcel } from "../Parcel.js";
import type { Place } from "./SegmentStore.js";

/** A record of the spool whose fate is open. */
export interface SpoolEntry {
  readonly id: string;
  readonly count: number;
  readonly urgent: boolean;
  /** By the clock that is never set back, in ms. */
  readonly bornAt: number;
  /** In the memory of someone else too, who will send or spill it: not to be replayed. */
  held: boolean;
  bytes: number;
  /** On disk, or the parcel itself when no disk took it. */
  content: Place | Parcel;
}

/** Which records there are, by id and by age; ordinary and urgent ones apart, because they are dropped apart. */
export class SpoolIndex {
  /** Each oldest first. */
  private ordinary = new Map<string, SpoolEntry>();
  private urgent = new Map<string, SpoolEntry>();
  private held = 0;

  /** Records that wait to be replayed. */
  get available(): number {
    return this.ordinary.size + this.urgent.size - this.held;
  }

  /** Nearly always: what is delivered at once never comes here. */
  get isEmpty(): boolean {
    return this.ordinary.size === 0 && this.urgent.size === 0;
  }

  get(id: string): SpoolEntry | undefined {
    return this.ordinary.get(id) ?? this.urgent.get(id);
  }

  add(entry: SpoolEntry): void {
    (entry.urgent ? this.urgent : this.ordinary).set(entry.id, entry);
    if (entry.held) this.held++;
  }

  /** Puts records of an earlier process before all others. */
  addOlder(entries: readonly SpoolEntry[]): void {
    const sorted = [...entries].sort((a, b) => a.bornAt - b.bornAt);
    const pair = (entry: SpoolEntry): [string, SpoolEntry] => [entry.id, entry];
    this.ordinary = new Map([
      ...sorted.filter(({ urgent }) => !urgent).map(pair),
      ...this.ordinary,
    ]);
    this.urgent = new Map([...sorted.filter(({ urgent }) => urgent).map(pair), ...this.urgent]);
  }

  remove(entry: SpoolEntry): void {
    (entry.urgent ? this.urgent : this.ordinary).delete(entry.id);
    if (entry.held) this.held--;
  }

  release(entry: SpoolEntry): void {
    if (entry.held) this.held--;
    entry.held = false;
  }

  /** In the order in which they are given up: ordinary before urgent, each oldest first. */
  *byWorth(): Generator<SpoolEntry> {
    yield* this.ordinary.values();
    yield* this.urgent.values();
  }

  /** Oldest first. */
  *byAge(): Generator<SpoolEntry> {
    const sources = [this.ordinary.values(), this.urgent.values()] as const;
    let [a, b] = [sources[0].next(), sources[1].next()];
    while (a.done !== true || b.done !== true) {
      if (b.done === true || (a.done !== true && a.value.bornAt <= b.value.bornAt)) {
        if (a.done !== true) yield a.value;
        a = sources[0].next();
      } else {
        yield b.value;
        b = sources[1].next();
      }
    }
  }

  clear(): void {
    this.ordinary.clear();
    this.urgent.clear();
    this.held = 0;
  }
}
