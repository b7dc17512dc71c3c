import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DeliveryRecord } from "../../../lib/delivery/DeliveryRecord";
import { DiskQueue } from "../../../lib/delivery/disk/DiskQueue";
import type { DiskQueueOptions } from "../../../lib/delivery/disk/DiskQueue";
import { temporaryFolder } from "../../support/temporaryFolder";

/** The path of a folder that does not exist yet, inside a new one that does. */
export function newDirectory(): string {
  return join(temporaryFolder("land-spool-"), "v1", "otlp", "0123");
}

/** A disk queue, and what it has counted. */
export function makeDisk(options: DiskQueueOptions): {
  disk: DiskQueue;
  dropped: Record<string, number>;
  adopted: () => number;
} {
  const dropped: Record<string, number> = {};
  let adopted = 0;
  const disk = new DiskQueue(
    {
      drop: (reason, count) => {
        if (count > 0) dropped[reason] = (dropped[reason] ?? 0) + count;
      },
      adopt: (count) => (adopted += count),
    },
    options,
  );
  return { disk, dropped, adopted: () => adopted };
}

export function record(id: string, shape: Partial<DeliveryRecord> = {}): DeliveryRecord {
  return { id, count: 1, urgent: false, body: JSON.stringify({ id }), ...shape };
}

export function ids(disk: DiskQueue): string[] {
  return disk.take(1e6, 1e9).map(({ id }) => id);
}

/** Everything in a folder, as one string. */
export function textOf(directory: string): string {
  return readdirSync(directory)
    .map((name) => readFileSync(join(directory, name), "utf8"))
    .join("");
}
