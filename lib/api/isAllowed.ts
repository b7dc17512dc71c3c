import { globalState } from "../shared/globalState.js";
import type { Pipe } from "../shared/Stats.js";

/** Whether a pipe is on. Decided once, by `register`; false before it and after `shutdown`. */
export function isAllowed(pipe: Pipe): boolean {
  return globalState().runtime?.isAllowed(pipe) ?? false;
}
