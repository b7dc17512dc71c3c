import type { Configuration } from "../../../../config/Configuration.js";
import type { Pipe } from "../../../../shared/Stats.js";
import { digest } from "../../shared/digest.js";
import type { DiskQueueOptions } from "./DiskQueue.js";

/** Digits of a destination's digest. */
const KEY_DIGITS = 16;

/** What is kept for one URL and key is never found by another. */
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
