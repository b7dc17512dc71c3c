// An application that asks for telemetry with every option there is, and prints what it got.
import {
  captureError,
  captureEvent,
  captureSession,
  emitSpan,
  flush,
  isAllowed,
  register,
  shutdown,
  stats,
  Tier,
  withSpan,
} from "land-telemetry";
import { startInspector } from "land-telemetry/inspector";
import { PostHogMirrorSpanProcessor } from "land-telemetry/mirror";

const { Beam, Pipe } = process.env;
const posthog = { enabled: true, key: "phc_x", host: Beam };
const processor = new PostHogMirrorSpanProcessor({ tier: Tier.Cocoon, capture: true, posthog });
const { status, tracer } = register({
  tier: Tier.Cocoon,
  app: { buildMode: "development" },
  capture: true,
  posthog,
  otlp: { enabled: true, endpoint: Pipe },
  mirror: "all",
  spanProcessors: [processor],
  spool: { directory: process.env.LAND_TELEMETRY_SPOOL },
});
const span = tracer.startSpan("land:cocoon:insist");
const allowed = [isAllowed("otlp"), isAllowed("posthog")];
const recording = [
  span.isRecording(),
  withSpan("land:cocoon:work", (inner) => inner.isRecording()),
];
span.end();
captureSession();
captureEvent("land:cocoon:event");
captureError("insist", new Error("insisted"));
emitSpan("land:cocoon:over", { start: 1, end: 2 });
const { port, close } = await startInspector({ port: 0 });
await close();
await flush(5_000);
await processor.forceFlush();
const accepted = Object.values(stats()).map((pipe) => pipe.accepted);
await shutdown(5_000);
console.log(
  JSON.stringify({
    status,
    recording,
    allowed,
    listened: port > 0,
    sent: accepted.some((count) => count > 0),
  }),
);
