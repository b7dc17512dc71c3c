// The application of app.mjs without any telemetry.
import { work } from "./work.mjs";

export const handle = (request) => work(request);

export function start(request, payload) {
  const started = work("start");
  work(request);
  work(payload);
  work(payload);
  work(payload);
  work(payload);
  work(request);
  work(payload);
  work(work);
  work(work);
  return started;
}

export function fail(error) {
  work(error);
}

export function look(request, payload) {
  work("looked");
}

export function end() {
  work("end");
}
