import { startReceiver } from "../support/receiver.js";
import { pipesTo, runApp } from "../support/runApp.js";
import { temporaryFolder } from "../support/temporaryFolder.js";
import { UNTIL_JOURNALED } from "../support/untilJournaled.js";

/** Terminates a worker once its span has been open for long enough, while the process lives on. */
const PROGRAM = `
  ${UNTIL_JOURNALED}
  import { Worker } from "node:worker_threads";
  import { flush, register, stats } from "land-telemetry";
  const { tracer } = register({ tier: "cocoon", processHooks: true });
  const span = tracer.startSpan("the process goes on");
  const worker = new Worker(\`
    const { register } = require("land-telemetry");
    register({ tier: "cocoon" }).tracer.startSpan("asks");
    setInterval(() => undefined, 1_000);
  \`, { eval: true, execArgv: [] });
  // The one of this thread, and the worker's.
  await untilJournaled(process.env.LAND_TELEMETRY_SPOOL, 2);
  await worker.terminate();
  for (const until = Date.now() + 20_000; stats().otlp.delivered < 2 && Date.now() < until;) {
    await new Promise(setImmediate);
    await flush(5_000);
  }
  span.end();
  await flush(5_000);
  process.exit(0);
`;

it("reports once the spans of a worker that was terminated while its process lives on", async () => {
  const receiver = await startReceiver();
  const { code, stderr } = await runApp(PROGRAM, {
    env: { ...pipesTo(receiver.url), LAND_TELEMETRY_SPOOL: temporaryFolder("land-worker-") },
  });
  await receiver.close();
  expect([code, stderr]).toEqual([0, ""]);
  const spans = receiver.spans().map(({ name, status, attributes }) => {
    const endedBy = attributes.find(({ key }) => key === "land.ended_by")?.value["stringValue"];
    return [name, status.code, endedBy];
  });
  expect(spans.filter(([name]) => name !== "land:cocoon:session:start")).toEqual([
    ["asks", 0, "worker"],
    ["the process goes on", 0, undefined],
  ]);
  expect(receiver.events().map(({ event }) => event)).not.toContainEqual(
    expect.stringMatching(/:(?:error|crash|vanished)$/),
  );
}, 60_000);
