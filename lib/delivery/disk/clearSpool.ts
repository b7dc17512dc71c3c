import * as fs from "node:fs";
import { join } from "node:path";
import type { Pipe } from "../../shared/Stats.js";
import { parseSegmentName } from "./segmentOwner.js";
import { pipeDirectory } from "./spoolDirectory.js";

/**
 * Deletes what a pipe has spooled under a root, for every destination and owner: the answer to an explicit
 * opt-out. Touches segments only, and never throws. Returns how many segments it deleted.
 */
export function clearSpool(root: string, pipe: Pipe): number {
  let removed = 0;
  const directory = pipeDirectory(root, pipe);
  for (const destination of list(directory)) {
    const folder = join(directory, destination);
    for (const name of list(folder)) {
      if (parseSegmentName(name) !== undefined && attempt(() => fs.unlinkSync(join(folder, name))))
        removed++;
    }
    // Fails, as it should, when something else is in it.
    attempt(() => fs.rmdirSync(folder));
  }
  attempt(() => fs.rmdirSync(directory));
  return removed;
}

function list(directory: string): string[] {
  try {
    return fs.readdirSync(directory);
  } catch {
    return [];
  }
}

function attempt(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}
