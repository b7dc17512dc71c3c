import { newId } from "../resource/identity.js";
import { attempt } from "../shared/attempt.js";

/** The prefix of all our keys in a page's storage and of our locks. */
export const PREFIX = "land-telemetry";

let made: string | undefined;

/**
 * The id under which this window or worker stores what is to outlive it. The first call takes a lock named after it,
 * which the browser releases when the window or worker ends, however it ends and whatever the clock says.
 */
export function owner(): string {
  if (made !== undefined) return made;
  const id = (made = newId());
  void attempt(() =>
    navigator.locks.request(`${PREFIX}:${id}`, () => new Promise(() => undefined)),
  )?.catch(() => undefined);
  return id;
}
