/**
 * A sidecar that makes work. It reports every span that ended on stdout and, at the end, its delivery statistics:
 *
 *   --seconds 10 --rate 100     100 traces a second for 10 s, of three spans each, with an error in every 20th
 *   --late 50                   50 traces of one span each and, after a line on stdin, an error in each of them
 *   --leave                     end without waiting for what could not be sent
 *   --quiet                     report only the statistics
 */
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ROOT_CONTEXT, SpanStatusCode, trace } from "@opentelemetry/api";
import { Tier, flush, register, shutdown, stats, withSpan } from "land-telemetry";
import { sendMessage } from "../tiers/lines.mjs";

const ERROR_EVERY = 20;
/** Ticks per second; all the work of a tick is done in one go. */
const TICKS = 10;
/** An open circuit breaker retries after 30 s at the latest. */
const FLUSH_MS = 45_000;

const text = { type: "string", default: "0" };
const { values } = parseArgs({
  options: {
    seconds: text,
    rate: text,
    late: text,
    leave: { type: "boolean", default: false },
    quiet: { type: "boolean", default: false },
  },
});
const [seconds, rate, late] = [values.seconds, values.rate, values.late].map(Number);

const ended = {
  onStart() {},
  onEnd: (span) =>
    sendMessage(process.stdout, {
      ...span.spanContext(),
      name: span.name,
      error: span.status.code === SpanStatusCode.ERROR,
    }),
  async forceFlush() {},
  async shutdown() {},
};
register({ tier: Tier.Cocoon, spanProcessors: values.quiet ? [] : [ended] });

function work(number) {
  const fails = number % ERROR_EVERY === 0;
  const handle = () =>
    withSpan(
      "land:cocoon:handler",
      {
        attributes: {
          "land.feature": "completion",
          "rpc.method": "land.CocoonService/$provideCompletionItems",
          "land.number": number,
        },
      },
      () => {
        withSpan(
          "land:cocoon:document:read",
          { attributes: { "land.uri": `src/file-${number}.ts` } },
          () => undefined,
        );
        withSpan(
          "land:cocoon:provider:run",
          { attributes: { "land.provider": "typescript" } },
          () => {
            if (fails) throw new RangeError(`line ${number} is not in the document`);
          },
        );
      },
    );
  try {
    handle();
  } catch {
    // The error is recorded where it was thrown.
  }
}

let number = 0;
for (let tick = 0; tick < seconds * TICKS; tick++) {
  for (let index = 0; index < rate / TICKS; index++) work(++number);
  await wait(1000 / TICKS);
}
if (late > 0) {
  const tracer = trace.getTracer("land.cocoon");
  const contexts = Array.from({ length: late }, () => {
    const span = tracer.startSpan("land:cocoon:early", { root: true });
    span.end();
    return span.spanContext();
  });
  await flush(FLUSH_MS);
  sendMessage(process.stdout, { ready: true });
  await once(process.stdin, "data");
  process.stdin.destroy();
  for (const parent of contexts) {
    const span = tracer.startSpan(
      "land:cocoon:late",
      {},
      trace.setSpanContext(ROOT_CONTEXT, parent),
    );
    span.setStatus({ code: SpanStatusCode.ERROR }).end();
  }
}
if (!values.leave) await shutdown(FLUSH_MS);
sendMessage(process.stdout, { stats: stats().otlp });
