import { attempt } from "../../shared/attempt.js";
import type { DeliveryRecord } from "../DeliveryRecord.js";
import type { Segment } from "./Segment.js";
import { parseRecord } from "./segmentCodec.js";

/** A record whose fate is open. */
export interface Entry {
  readonly id: string;
  readonly count: number;
  readonly urgent: boolean;
  /** On the monotonic clock, in ms. */
  readonly bornAt: number;
  /** Its owner has it in memory and will send or store it: not to be replayed. */
  held: boolean;
  /** On disk, or the record itself while no disk has taken it. */
  content: { readonly segment: Segment; readonly offset: number } | DeliveryRecord;
  bytes: number;
}

/** The record of an entry; undefined when what is on disk is not what was written. */
export function readEntry({ id, content, bytes }: Entry): DeliveryRecord | undefined {
  if (!("segment" in content)) return content;
  const record = attempt(() => parseRecord(content.segment.read(content.offset, bytes)));
  return record?.id === id ? record : undefined;
}

/** The entries of several lists of ids, each of which is in order, oldest first. */
export function* oldestFirst(
  lists: readonly ReadonlySet<string>[],
  entries: ReadonlyMap<string, Entry>,
): Generator<Entry> {
  const next = (ids: Iterator<string, undefined>): Entry | undefined =>
    entries.get(ids.next().value ?? "");
  const heads = lists.flatMap((list) => {
    const ids = list.values();
    const entry = next(ids);
    return entry === undefined ? [] : [{ ids, entry }];
  });
  for (;;) {
    let [first] = heads;
    for (const head of heads)
      if (first !== undefined && head.entry.bornAt < first.entry.bornAt) first = head;
    if (first === undefined) return;
    yield first.entry;
    const entry = next(first.ids);
    if (entry !== undefined) first.entry = entry;
    else heads.splice(heads.indexOf(first), 1);
  }
}
