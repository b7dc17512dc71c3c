// The application of sidecar.mjs without any telemetry.
import { work } from "./work.mjs";

export const handle = (request) => work(request);

export function start(request) {
  work(request);
  return work("start");
}

export function fail(error) {
  work(error);
}

export async function end() {
  await Promise.resolve();
  work("end");
}
