// An application that uses every public name of every entry, the way applications do.
import {
  adoptPayloadMark,
  captureError,
  captureEvent,
  captureSession,
  currentTrace,
  emitSpan,
  extract,
  extractPayload,
  flush,
  formatTraceparent,
  inject,
  injectPayload,
  isAllowed,
  markLaunched,
  markPayload,
  parseTraceparent,
  register,
  shutdown,
  stats,
  stripPayload,
  Tier,
  traceHandler,
  trusted,
  watchChild,
  withSpan,
} from "land-telemetry";
import { childEnvironment, parentContext } from "land-telemetry/environment";
import { clientInterceptor, serverInterceptor } from "land-telemetry/grpc";
import { startInspector } from "land-telemetry/inspector";
import { traceConnection, traceFrames } from "land-telemetry/jsonrpc";
import {
  acceptRelayed,
  injectWorkerData,
  tracePort,
  workerContext,
} from "land-telemetry/message-port";
import { PostHogMirrorSpanProcessor } from "land-telemetry/mirror";
import { traceInvoke, traceListen } from "land-telemetry/tauri";
import { work } from "./work.mjs";

register(Tier.Cocoon);
captureSession();

export const handle = traceHandler("app:handle", (request) => work(request));

export function start(request, payload) {
  const started = withSpan("app:start", () => work("start"));
  emitSpan("app:boot", { start: 1, end: 2 });
  captureEvent("app:started", { entry: "main" });
  work(inject(request));
  work(injectPayload(payload));
  work(stripPayload(payload));
  work(markPayload(payload));
  work(trusted(payload));
  work(tracePort(request));
  work(injectWorkerData(payload));
  work(traceInvoke(work));
  work(traceListen(work));
  return started;
}

export function fail(error) {
  captureError("app:failed", error);
  work(error);
}

export function look(request, payload) {
  extract(request);
  extractPayload(payload);
  formatTraceparent(parseTraceparent(""));
  isAllowed("otlp");
  adoptPayloadMark(payload);
  workerContext();
  acceptRelayed();
  traceConnection(request, payload);
  traceFrames();
  currentTrace();
  void startInspector();
  stats();
  parentContext();
  childEnvironment();
  clientInterceptor();
  serverInterceptor();
  // A host would add this to its provider; since none does here, minifiers must be told that it has no effect.
  /* @__PURE__ */ new PostHogMirrorSpanProcessor();
  markLaunched();
  watchChild();
  void flush();
  work("looked");
}

export function end() {
  void shutdown();
  work("end");
}
