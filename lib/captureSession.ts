import { globalState } from "./shared/globalState.js";

/** Sends this process's session start, unless it was sent already. `register` does it. */
export function captureSession(): void {
  globalState().runtime?.captureSession();
}
