/** Cocoon, the extension host: uses the installed packages of this repository as its extensions. */
import { Tier, captureEvent, register, traceHandler } from "land-telemetry";

register(Tier.Cocoon);

const { connectVine } = await import("./connectVine.mjs");
const { readWorkspaceFile } = await import("./readWorkspaceFile.mjs");
const { scanExtensions } = await import("./scanExtensions.mjs");
const { searchFiles } = await import("./searchFiles.mjs");
const { serveVine } = await import("./serveVine.mjs");
const { runSidecar } = await import("./sidecar.mjs");
const { watchFiles } = await import("./watchFiles.mjs");

const mountain = connectVine("MountainService", process.argv[2]);
const notify = (event, payload) => mountain.notify(event, payload);

const HANDLERS = {
  async $scanExtensions(params) {
    const started = performance.now();
    const extensions = await scanExtensions(params);
    captureEvent("land:cocoon:entry:loaded", {
      entry: "extensions",
      duration_ms: Math.round(performance.now() - started),
    });
    await notify("extensions:scanned", { count: extensions.length });
    return extensions;
  },
  $searchFiles: searchFiles,
  $readFile: readWorkspaceFile,
  $watchFiles: (params, signal) =>
    watchFiles(params, signal, () => notify("files:watching", params)),
};

const handle = traceHandler(
  (method) => method,
  async (method, params, signal) => HANDLERS[method](params, signal),
  { complete: true },
);

await runSidecar(await serveVine("CocoonService", { handle, notify: () => undefined }), () =>
  mountain.close(),
);
