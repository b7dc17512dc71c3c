import * as fs from "node:fs";
import { join } from "node:path";
import { isOwnerAlive } from "./isOwnerAlive.js";
import { Segment } from "./Segment.js";
import type { SegmentOwner } from "./segmentOwner.js";
import { parseSegmentName, segmentName } from "./segmentOwner.js";

/** Files of one directory that are looked at in one start; beyond it the next start goes on. */
const MAX_ADOPTED = 1_024;

/**
 * Makes the segments of dead owners ours, one at a time and newest first. Renaming decides between several that
 * start at once: for one of them it succeeds, the others no longer find the file. What cannot be read is left.
 */
export function* adoptSegments(directory: string, self: SegmentOwner): Generator<Segment> {
  for (const { name } of orphans(directory, self)) {
    const path = join(directory, segmentName(self));
    let segment: Segment;
    try {
      fs.renameSync(join(directory, name), path);
      segment = Segment.adopt(path);
    } catch {
      // Adopted by another, or not ours to rename.
      continue;
    }
    yield segment;
  }
}

function orphans(
  directory: string,
  self: SegmentOwner,
): { readonly name: string; readonly modifiedAt: number }[] {
  const found: { name: string; modifiedAt: number }[] = [];
  let names: string[];
  try {
    names = fs.readdirSync(directory);
  } catch {
    return found;
  }
  for (const name of names.slice(0, MAX_ADOPTED)) {
    const owner = parseSegmentName(name);
    if (owner === undefined) continue;
    const stat = look(join(directory, name));
    if (stat?.isFile() !== true) continue;
    if (!isOwnerAlive(owner, self, stat.mtimeMs)) found.push({ name, modifiedAt: stat.mtimeMs });
  }
  return found.sort((a, b) => b.modifiedAt - a.modifiedAt);
}

/** Gone by now, or in a directory that can be listed and not entered. */
function look(path: string): fs.Stats | undefined {
  try {
    return fs.lstatSync(path);
  } catch {
    return undefined;
  }
}
