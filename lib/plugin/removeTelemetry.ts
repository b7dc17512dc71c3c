import { takeOut } from "./takeOut.js";
import type { WithoutTelemetry } from "./takeOut.js";

/** Whether a file is a script of the application itself. */
export function isScript(file: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(file) && !/[\\/]node_modules[\\/]/.test(file);
}

/** A module without its telemetry; undefined if it has none, or if it could not be read, which is reported. */
export function removeTelemetry(
  code: string,
  file: string,
  report: (problem: string) => void,
): WithoutTelemetry | undefined {
  try {
    return takeOut(code, "land-telemetry", file);
  } catch (error) {
    report(
      `The telemetry stays in ${file}, which could not be read as JavaScript: ${String(error)}`,
    );
    return undefined;
  }
}
