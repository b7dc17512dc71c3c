import { traceHandler } from "../../lib/handlers/traceHandler.js";
import { withSpan } from "../../lib/tracing/withSpan.js";
import { startTelemetry } from "../support/telemetry.js";

/** Prints the reasons of unhandled rejections after a notification whose sender handles the failure, or nobody does. */
startTelemetry();
const refuse = (): Promise<never> => Promise.reject(new TypeError("refused"));
const ways: Record<string, () => Promise<never>> = {
  bare: refuse,
  traced: traceHandler("notify", refuse),
  withSpan: () => withSpan("notify", refuse),
};

const reasons: string[] = [];
process.on("unhandledRejection", (reason) => reasons.push((reason as Error).message));
process.on("exit", () => process.stdout.write(JSON.stringify(reasons)));
const [, , how = "bare", handled] = process.argv;
const sent = ways[how]?.();
if (handled !== undefined) sent?.catch(() => undefined);
