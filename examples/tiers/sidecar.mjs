import { once } from "node:events";
import { shutdown } from "land-telemetry";
import { sendMessage } from "./lines.mjs";

/** Time in ms for sending the last telemetry; a real tier keeps the default of 250 ms and spools the rest. */
export const SHUTDOWN_MS = 5_000;

/** Tells the parent which port this sidecar listens on, serves until the parent closes stdin, and ends. */
export async function runSidecar(server, close) {
  sendMessage(process.stdout, { port: server.port });
  process.stdin.resume();
  await once(process.stdin, "end");
  await close();
  await server.close();
  await shutdown(SHUTDOWN_MS);
}
