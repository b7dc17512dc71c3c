import type { Attributes } from "@opentelemetry/api";
import { ATTR_USER_AGENT_ORIGINAL } from "@opentelemetry/semantic-conventions";
import { ATTR_OS_TYPE, ATTR_PROCESS_RUNTIME_NAME } from "../../../resource/semanticConventions.js";
import { process } from "../process.js";

/** A page does not know its process. */
export function runtimeAttributes(): Attributes {
  return {
    [ATTR_PROCESS_RUNTIME_NAME]: "browser",
    [ATTR_OS_TYPE]: process.platform === "win32" ? "windows" : process.platform,
    [ATTR_USER_AGENT_ORIGINAL]: globalThis.navigator.userAgent,
  };
}
