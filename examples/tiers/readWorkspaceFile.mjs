import { readFile } from "node:fs/promises";
import { withSpan } from "land-telemetry";
import { inWorkspace } from "./workspace.mjs";

export function readWorkspaceFile({ file }) {
  return withSpan("land:cocoon:file:read", () => readFile(inWorkspace(file), "utf8"));
}
