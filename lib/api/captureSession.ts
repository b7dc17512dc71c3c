import { globalState } from "../shared/globalState.js";

/**
 * Makes this process's session start, unless it was made already; it is on disk when this returns. `register` leaves
 * it to the first turns of the event loop: a host that may be killed while it still loads calls this too.
 */
export function captureSession(): void {
  globalState().runtime?.captureSession();
}
