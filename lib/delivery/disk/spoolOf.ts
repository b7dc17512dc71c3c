import type { Configuration } from "../../config/Configuration.js";
import { once } from "../../shared/once.js";
import type { Pipe } from "../../shared/Stats.js";
import { clearSpool } from "./clearSpool.js";
import { defaultSpoolRoot, spoolDirectory } from "./spoolDirectory.js";
import type { SpoolOptions } from "./SpoolOptions.js";

/** The spool of one pipe and destination, as the configuration wants it; without a directory it is memory only. */
export function spoolOf({ spool }: Configuration, pipe: Pipe, url: string, key = ""): SpoolOptions {
  if (spool === false) return {};
  const root = stateRoot({ spool });
  const { maxBytes, maxAgeMs } = spool;
  return {
    maxBytes,
    maxAgeMs,
    ...(root === undefined ? {} : { directory: once(() => spoolDirectory(root, pipe, url, key)) }),
  };
}

/** Deletes what the pipes that were explicitly opted out of had spooled. */
export function clearOptedOut({ spool, gates }: Configuration): void {
  const root = stateRoot({ spool });
  if (root === undefined) return;
  for (const pipe of ["posthog", "otlp"] as const) if (gates[pipe].optedOut) clearSpool(root, pipe);
}

/** The directory that everything of ours on this disk is in; undefined when there is no home. */
export function stateRoot({ spool }: Pick<Configuration, "spool">): string | undefined {
  return (spool === false ? undefined : spool.directory) ?? defaultSpoolRoot();
}
