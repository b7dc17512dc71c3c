import { newId } from "../resource/identity.js";
import { attempt } from "../shared/attempt.js";

/** The prefix of all our keys in a page's storage and of our locks. */
export const PREFIX = "land-telemetry";

let made: string | undefined;

/**
 * The id under which this window or worker stores what is to outlive it. From the first call on it holds a lock of that
 * name, which the browser releases when the window or worker ends, in whatever way and whatever its clock says.
 */
export function owner(): string {
  if (made !== undefined) return made;
  const id = (made = newId());
  void attempt(() =>
    navigator.locks.request(`${PREFIX}:${id}`, () => new Promise(() => undefined)),
  )?.catch(() => undefined);
  return id;
}
