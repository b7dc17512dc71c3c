import { setImmediate as turn } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { propagation, trace } from "@opentelemetry/api";
import { traceHandler } from "../../../lib/handlers/traceHandler.js";
import { tracePort, workerContext } from "../../../lib/messagePort.js";
import { withSpan } from "../../../lib/tracing/withSpan.js";
import { startTelemetry } from "../../support/telemetry.js";

/** A worker that answers each message with what it saw: the payload's keys and the context it ran in. */
interface Work {
  readonly id: number;
  readonly steps?: number;
  readonly fail?: "error" | "text" | "thrown";
}

const telemetry = startTelemetry({ tier: "worker" });
if (parentPort === null) throw new Error("not in a worker");
const port =
  (workerData as { untraced?: boolean } | null)?.untraced === true
    ? parentPort
    : tracePort(parentPort);

const work = traceHandler("work", async ({ steps = 0, fail }: Work) => {
  for (let step = 0; step < steps; step++) await turn();
  if (fail !== undefined) throw new RangeError(`failed ${fail}`);
  return trace.getActiveSpan()?.spanContext().spanId;
});

port.on("message", (message: Work) => {
  const outside = trace.getActiveSpan()?.spanContext();
  const session = propagation.getActiveBaggage()?.getEntry("session.id")?.value;
  work(message).then(
    (spanId) => {
      const parentId = telemetry.spans().find((span) => span.spanContext().spanId === spanId)
        ?.parentSpanContext?.spanId;
      port.postMessage({
        id: message.id,
        keys: Object.keys(message),
        traceId: outside?.traceId,
        outside: outside?.spanId,
        parentId,
        session,
      });
    },
    (failure: unknown) => {
      const error = failure as Error;
      if (message.fail === "error")
        port.postMessage({ id: message.id, error, counted: telemetry.counted });
      else if (message.fail === "text")
        port.postMessage({ id: message.id, error: error.message, counted: telemetry.counted });
      else
        withSpan("answering", () =>
          port.postMessage({
            id: message.id,
            error: { message: error.message },
            counted: telemetry.counted,
          }),
        );
    },
  );
});

const started = trace.getSpanContext(workerContext());
port.postMessage({ id: -1, started: started?.spanId, data: workerData as unknown });
