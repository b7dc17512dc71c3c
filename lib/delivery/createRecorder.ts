import { PayloadRecorder } from "./PayloadRecorder.js";

/** A recorder of what is sent, for those who asked for one. */
export function createRecorder(root: string, sessionId: string): PayloadRecorder {
  return new PayloadRecorder(root, sessionId);
}
