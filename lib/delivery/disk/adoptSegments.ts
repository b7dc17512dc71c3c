import { join } from "node:path";
import { attempt } from "../../shared/attempt.js";
import { fs } from "../../shared/fs.js";
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
  for (const name of orphansIn(directory, self)) {
    const segment = attempt(() => {
      const path = join(directory, segmentName(self));
      fs.renameSync(join(directory, name), path);
      return Segment.adopt(path);
    });
    if (segment !== undefined) yield segment;
  }
}

function orphansIn(directory: string, self: SegmentOwner): string[] {
  const names = attempt(() => fs.readdirSync(directory)) ?? [];
  const found = names.slice(0, MAX_ADOPTED).flatMap((name) => {
    const owner = parseSegmentName(name);
    if (owner === undefined) return [];
    // Undefined when it is gone by now, or in a directory that can be listed and not entered.
    const stat = attempt(() => fs.lstatSync(join(directory, name)));
    if (stat?.isFile() !== true || isOwnerAlive(owner, self, stat.mtimeMs)) return [];
    return [{ name, modifiedAt: stat.mtimeMs }];
  });
  return found.sort((a, b) => b.modifiedAt - a.modifiedAt).map(({ name }) => name);
}
