import type { Configuration } from "../config/Configuration.js";
import { PayloadRecorder } from "./PayloadRecorder.js";
import { stateRoot } from "./disk/spoolOf.js";

/** The recorder of what is sent (`Record=1`), for those who asked for one and have a directory for it. */
export function recorderOf(
  configuration: Configuration,
  sessionId: () => string,
): PayloadRecorder | undefined {
  const root = configuration.record ? stateRoot(configuration) : undefined;
  return root === undefined ? undefined : new PayloadRecorder(root, sessionId());
}
