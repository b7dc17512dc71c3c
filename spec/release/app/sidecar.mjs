// What a sidecar does with the main entry: it registers, wraps its work, reports what happened, and ends.
import {
  captureError,
  captureEvent,
  inject,
  register,
  shutdown,
  Tier,
  traceHandler,
  withSpan,
} from "land-telemetry";
import { work } from "./work.mjs";

register(Tier.Cocoon);

export const handle = traceHandler("app:handle", (request) => work(request));

export function start(request) {
  captureEvent("app:started", { entry: "main" });
  work(inject(request));
  return withSpan("app:start", () => work("start"));
}

export function fail(error) {
  captureError("app:failed", error);
  work(error);
}

export async function end() {
  await shutdown();
  work("end");
}
