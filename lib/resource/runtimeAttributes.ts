import type { Attributes } from "@opentelemetry/api";
import {
  ATTR_OS_TYPE,
  ATTR_PROCESS_PID,
  ATTR_PROCESS_RUNTIME_NAME,
  ATTR_PROCESS_RUNTIME_VERSION,
} from "./semanticConventions.js";

/** `os.type` in the semantic conventions, where it differs from Node's `process.platform`. */
const OS_TYPES: Readonly<Record<string, string>> = { win32: "windows", sunos: "solaris" };

/** Resource attributes that describe the process and the machine. */
export function runtimeAttributes(): Attributes {
  return {
    [ATTR_PROCESS_PID]: process.pid,
    // The SDK writes `node`; the conventions say `nodejs`.
    [ATTR_PROCESS_RUNTIME_NAME]: "nodejs",
    [ATTR_PROCESS_RUNTIME_VERSION]: process.versions.node,
    [ATTR_OS_TYPE]: OS_TYPES[process.platform] ?? process.platform,
  };
}
