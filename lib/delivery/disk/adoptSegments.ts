import * as fs from "node:fs";
import { join } from "node:path";
import { Segment } from "./Segment.js";
import type { SegmentOwner } from "./segmentOwner.js";
import { isOwnerAlive, parseSegmentName, segmentName } from "./segmentOwner.js";

/** Files of one directory that are looked at in one adoption; the next one goes on. */
const MAX_ADOPTED = 1_024;

/**
 * Makes the segments of dead owners ours, one at a time and newest first. Renaming decides between several processes
 * that start at once: it succeeds for one of them, and the others no longer find the file. What cannot be read stays.
 */
export function* adoptSegments(directory: string, self: SegmentOwner): Generator<Segment> {
  for (const { name } of orphansIn(directory, self)) {
    const path = join(directory, segmentName(self));
    let segment: Segment;
    try {
      fs.renameSync(join(directory, name), path);
      segment = Segment.adopt(path);
    } catch {
      // Adopted by another process, or not ours to rename.
      continue;
    }
    yield segment;
  }
}

function orphansIn(
  directory: string,
  self: SegmentOwner,
): { readonly name: string; readonly modifiedAt: number }[] {
  let names: string[];
  try {
    names = fs.readdirSync(directory);
  } catch {
    return [];
  }
  return names
    .slice(0, MAX_ADOPTED)
    .flatMap((name) => {
      const owner = parseSegmentName(name);
      const modifiedAt = owner === undefined ? undefined : modificationOf(join(directory, name));
      if (owner === undefined || modifiedAt === undefined) return [];
      return isOwnerAlive(owner, self, modifiedAt) ? [] : [{ name, modifiedAt }];
    })
    .sort((a, b) => b.modifiedAt - a.modifiedAt);
}

/** Undefined for what is no file, is gone by now, or is in a directory that can be listed and not entered. */
function modificationOf(path: string): number | undefined {
  try {
    const stat = fs.lstatSync(path);
    return stat.isFile() ? stat.mtimeMs : undefined;
  } catch {
    return undefined;
  }
}
