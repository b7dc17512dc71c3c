import type { Configuration } from "../../../../config/Configuration.js";
import type { Pipe } from "../../../../shared/Stats.js";
import { digest } from "../../shared/digest.js";
import type { DiskQueueOptions } from "./DiskQueue.js";

/** Number of hex digits used of a destination's digest. */
const KEY_DIGITS = 16;

/** Names the queue so that what is kept for one URL and key is never found under another. */
export function diskQueueOptions(
  { spool }: Configuration,
  pipe: Pipe,
  url: string,
  key = "",
): DiskQueueOptions {
  if (spool === false) return {};
  const destination = digest(JSON.stringify([url, key])).slice(0, KEY_DIGITS);
  return { maxAgeMs: spool.maxAgeMs, directory: `${pipe}:${destination}` };
}
