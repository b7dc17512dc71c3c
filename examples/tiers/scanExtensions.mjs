import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { withSpan } from "land-telemetry";
import { inWorkspace } from "./workspace.mjs";

/** Reads the manifest of every package in a node_modules folder. */
export async function scanExtensions({ directory }) {
  const names = await withSpan("land:cocoon:extensions:list", (span) =>
    listPackages(directory, span),
  );
  return withSpan("land:cocoon:extensions:read", async () => {
    const extensions = await Promise.all(names.map((name) => readManifest(join(directory, name))));
    return extensions.filter((extension) => extension !== undefined);
  });
}

async function listPackages(directory, span) {
  const entries = await readdir(inWorkspace(directory));
  const names = await Promise.all(
    entries
      .filter((entry) => !entry.startsWith("."))
      .map(async (entry) =>
        entry.startsWith("@")
          ? (await readdir(inWorkspace(join(directory, entry)))).map((name) => join(entry, name))
          : [entry],
      ),
  );
  span.setAttribute("land.extensions", names.flat().length);
  return names.flat();
}

/** Undefined for a folder without a readable manifest, which is not an extension. */
async function readManifest(folder) {
  try {
    const { name, version, main } = JSON.parse(
      await readFile(inWorkspace(join(folder, "package.json")), "utf8"),
    );
    return { name, version, folder, main: typeof main === "string" ? main : "index.js" };
  } catch {
    return undefined;
  }
}
