import type { Receiver } from "../support/receiver.js";
import { startReceiver } from "../support/receiver.js";
import { pipesTo, runApp } from "../support/runApp.js";
import { sendSpool } from "../support/sendSpool.js";
import { temporaryFolder } from "../support/temporaryFolder.js";
import { UNTIL_JOURNALED } from "../support/untilJournaled.js";

/** Dies while a span is open that has already been written to the journal. */
const PROGRAM = `
  ${UNTIL_JOURNALED}
  const { register } = require("land-telemetry");
  register("air").tracer.startSpan("last work");
  setImmediate(() => untilJournaled(process.env.LAND_TELEMETRY_SPOOL, 1).then(() => process.kill(process.pid, "SIGKILL")));`;

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

it("sends once what was spooled, what was open and how each process died, before its own process ends", async () => {
  const env = { LAND_TELEMETRY_SPOOL: temporaryFolder("land-send-"), ...pipesTo(receiver.url) };
  for (let death = 0; death < 2; death++) await runApp(PROGRAM, { env, type: "commonjs" });
  expect(await sendSpool(env)).toEqual({
    code: 0,
    out: expect.stringMatching(/^otlp: \d+ delivered, 0 dropped, 0 left$/m) as string,
  });
  const open = receiver.spans().filter(({ name }) => name === "last work");
  expect(new Set(open.map(({ spanId }) => spanId)).size).toBe(2);
  const deaths = receiver.events().filter(({ event }) => event === "land:air:vanished");
  expect(new Set(deaths.map(({ uuid }) => uuid)).size).toBe(2);
  const before = receiver.requests.length;
  expect((await sendSpool(env)).out).toContain("otlp: 0 delivered");
  expect(receiver.requests).toHaveLength(before);
});
