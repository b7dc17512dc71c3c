import { watch } from "node:fs/promises";
import { withSpan } from "land-telemetry";
import { inWorkspace } from "./workspace.mjs";

/** Watches a folder until the signal is aborted, which is the normal end of a watch. */
export function watchFiles({ directory }, signal, started) {
  return withSpan("land:cocoon:files:watch", async (span) => {
    const changes = watch(inWorkspace(directory), { signal });
    await started();
    for await (const { eventType, filename } of changes)
      span.addEvent("change", { "land.change": eventType, "land.file": filename ?? "" });
  });
}
