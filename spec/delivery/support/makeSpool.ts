import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Parcel } from "../../../lib/delivery/Parcel";
import { Spool } from "../../../lib/delivery/disk/Spool";
import type { SpoolOptions } from "../../../lib/delivery/disk/SpoolOptions";
import { temporaryFolder } from "../../support/temporaryFolder";

/** A folder that does not exist yet, in a new one that does. */
export function newDirectory(): string {
  return join(temporaryFolder("land-spool-"), "v1", "otlp", "0123");
}

/** A spool with what it told its owner. */
export function makeSpool(options: SpoolOptions): {
  spool: Spool;
  dropped: Record<string, number>;
  adopted: () => number;
} {
  const dropped: Record<string, number> = {};
  let adopted = 0;
  const spool = new Spool(
    {
      onDrop: (reason, count) => {
        if (count > 0) dropped[reason] = (dropped[reason] ?? 0) + count;
      },
      onAdopt: (count) => (adopted += count),
    },
    options,
  );
  return { spool, dropped, adopted: () => adopted };
}

export function parcel(id: string, shape: Partial<Parcel> = {}): Parcel {
  return { id, count: 1, urgent: false, body: JSON.stringify({ id }), ...shape };
}

export function ids(spool: Spool): string[] {
  return spool.take(1e6, 1e9).map(({ id }) => id);
}

/** Everything in a folder, as one text. */
export function textOf(directory: string): string {
  return readdirSync(directory)
    .map((name) => readFileSync(join(directory, name), "utf8"))
    .join("");
}
