import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { PageActivity } from "../../lib/web/PageActivity.js";

/** Makes a mark, and waits until earlier observers have received it. */
async function mark(name: string): Promise<void> {
  const observed = new Promise<void>((resolve) => {
    new PerformanceObserver((_list, observer) => {
      observer.disconnect();
      resolve();
    }).observe({ type: "mark" });
  });
  performance.mark(name);
  await observed;
}

it("reports the marks of a worker until it is stopped, and none after that", async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const activity = new PageActivity({
    tier: "wind",
    tracer: provider.getTracer("spec"),
    observe: undefined,
    session: () => undefined,
    captureEvent: () => undefined,
    isOurs: () => false,
  });
  await mark("land:wind:loaded:editor");
  await mark("of the host");
  activity.stop();
  await mark("land:wind:late");
  activity.gather();
  expect(exporter.getFinishedSpans().map(({ name, events }) => [name, events])).toEqual([
    [
      "land:wind:marks",
      [
        expect.objectContaining({
          name: "land:wind:loaded",
          attributes: { "land.mark.detail": "editor" },
        }),
      ],
    ],
  ]);
});
