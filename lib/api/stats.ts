import { globalState } from "../shared/globalState.js";
import type { PipeStats, Stats } from "../shared/Stats.js";

/**
 * The ledger of each pipe, as it stands now. `accepted` equals `delivered` and all of `dropped` and `spooled`
 * and `pending` at every moment. After `shutdown` it is the final one.
 */
export function stats(): Stats {
  const state = globalState();
  return state.runtime?.stats() ?? state.finalStats ?? { posthog: empty(), otlp: empty() };
}

function empty(): PipeStats {
  return { accepted: 0, delivered: 0, replayed: 0, dropped: {}, spooled: 0, pending: 0 };
}
