import type { TauriInvoke, TauriListen, TraceInvokeOptions } from "../carriers/tauri.js";

/** Returns the function itself. */
export function traceInvoke<Invoke extends TauriInvoke>(
  invoke: Invoke,
  options?: TraceInvokeOptions,
): Invoke;
export function traceInvoke(invoke: unknown): unknown {
  return invoke;
}

/** Returns the function itself. */
export function traceListen<Listen extends TauriListen>(listen: Listen): Listen {
  return listen;
}
