/** Air, the background worker: hashes trees of files. */
import { Tier, register, traceHandler } from "land-telemetry";

register(Tier.Air);

const { hashTree } = await import("./hashTree.mjs");
const { serveVine } = await import("./serveVine.mjs");
const { runSidecar } = await import("./sidecar.mjs");

const HANDLERS = { $hashTree: hashTree };

const handle = traceHandler(
  (method) => method,
  async (method, params, signal) => HANDLERS[method](params, signal),
  { complete: true },
);

await runSidecar(
  await serveVine("AirService", { handle, notify: () => undefined }),
  () => undefined,
);
