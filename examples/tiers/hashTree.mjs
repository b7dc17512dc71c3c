import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { withSpan } from "land-telemetry";
import { inWorkspace } from "./workspace.mjs";

/** The SHA-256 of all names and contents below a folder, in the order of the names. */
export async function hashTree({ directory }, signal) {
  const root = inWorkspace(directory);
  const files = await withSpan("land:air:tree:list", async () => {
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  });
  return withSpan("land:air:tree:hash", async (span) => {
    const hash = createHash("sha256");
    let bytes = 0;
    for (const file of files) {
      signal.throwIfAborted();
      const content = await readFile(file);
      bytes += content.length;
      hash.update(`${relative(root, file)}\0${content.length}\0`).update(content);
    }
    span.setAttributes({ "land.files": files.length, "land.bytes": bytes });
    return { files: files.length, sha256: hash.digest("hex") };
  });
}
