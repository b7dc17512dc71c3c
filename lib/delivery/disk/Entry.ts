import { attempt } from "../../shared/attempt.js";
import type { DeliveryRecord } from "../DeliveryRecord.js";
import type { Segment } from "./Segment.js";
import { parseRecord } from "./segmentCodec.js";

/** A record that is not settled. */
export interface Entry {
  readonly id: string;
  readonly count: number;
  readonly urgent: boolean;
  /** When it was created, in ms of the monotonic clock. */
  readonly bornAt: number;
  /** Whether its owner has it in memory and will send or store it; it is not replayed then. */
  held: boolean;
  /** Where it is on disk, or the record itself while it is not on disk. */
  content: { readonly segment: Segment; readonly offset: number } | DeliveryRecord;
  bytes: number;
}

/** Reads the record of an entry; undefined when the disk no longer holds what was written. */
export function readEntry({ id, content, bytes }: Entry): DeliveryRecord | undefined {
  if (!("segment" in content)) return content;
  const record = attempt(() => parseRecord(content.segment.read(content.offset, bytes)));
  return record?.id === id ? record : undefined;
}

/** Merges the entries of several lists of ids, each of which is sorted, oldest first. */
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
