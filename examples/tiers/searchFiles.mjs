import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { withSpan } from "land-telemetry";
import { inWorkspace } from "./workspace.mjs";

/** Number of files that are open at the same time. */
const AT_ONCE = 32;

/** Finds the extensions whose main file contains `text`. */
export function searchFiles({ extensions, text }, signal) {
  return withSpan("land:cocoon:files:search", async (span) => {
    const matches = [];
    for (let first = 0; first < extensions.length; first += AT_ONCE) {
      signal.throwIfAborted();
      const found = await Promise.all(
        extensions
          .slice(first, first + AT_ONCE)
          .map(async (extension) => ((await holds(extension, text)) ? [extension.name] : [])),
      );
      matches.push(...found.flat());
    }
    span.setAttributes({ "land.files": extensions.length, "land.matches": matches.length });
    return matches;
  });
}

/** False as well if a package has no main file. */
async function holds({ folder, main }, text) {
  try {
    return (await readFile(inWorkspace(join(folder, main)), "utf8")).includes(text);
  } catch {
    return false;
  }
}
