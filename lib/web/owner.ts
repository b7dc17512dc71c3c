import { newId } from "../resource/identity.js";
import { attempt } from "../shared/attempt.js";

/** What everything of ours in a page's storage and among its locks begins with. */
export const PREFIX = "land-telemetry";

let made: string | undefined;

/**
 * The name under which this window or worker keeps what is to outlive it. From the first call on it holds a lock of that
 * name, which goes when the window or worker does, however it ends, and whatever its clock says.
 */
export function owner(): string {
  if (made !== undefined) return made;
  const id = (made = newId());
  void attempt(() =>
    navigator.locks.request(`${PREFIX}:${id}`, () => new Promise(() => undefined)),
  )?.catch(() => undefined);
  return id;
}
