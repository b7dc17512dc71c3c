import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Receiver } from "../support/receiver.js";
import { startReceiver } from "../support/receiver.js";
import { pipesTo, ROOT, runApp } from "../support/runApp.js";
import { temporaryFolder } from "../support/temporaryFolder.js";

/** Dies while a span is open that is old enough to be written down. */
const PROGRAM = `
  const { register } = require("land-telemetry");
  register("air").tracer.startSpan("last work");
  setTimeout(() => process.kill(process.pid, "SIGKILL"), 300);`;
const CLI = join(ROOT, "dist/node/cli.cjs");

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

/** The command in a process of its own, which nothing else keeps alive. */
async function send(env: NodeJS.ProcessEnv, ...args: string[]): Promise<[unknown, string]> {
  const child = spawn(process.execPath, [CLI, "spool", "send", ...args], { cwd: ROOT, env });
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  const [code] = (await once(child, "close")) as [number | null];
  return [code, out];
}

it("sends what was spooled, what was open, and how each process died, once, before its own ends", async () => {
  const env = {
    PATH: process.env["PATH"] ?? "",
    LAND_TELEMETRY_SPOOL: temporaryFolder("land-send-"),
    ...pipesTo(receiver.url),
  };
  for (let death = 0; death < 2; death++) await runApp(PROGRAM, { env, type: "commonjs" });
  const [code, out] = await send(env);
  expect([code, out]).toEqual([
    0,
    expect.stringMatching(/^otlp: \d+ delivered, 0 dropped, 0 left$/m),
  ]);
  const open = receiver.spans().filter(({ name }) => name === "last work");
  expect(new Set(open.map(({ spanId }) => spanId)).size).toBe(2);
  const deaths = receiver.events().filter(({ event }) => event === "land:air:vanished");
  expect(new Set(deaths.map(({ uuid }) => uuid)).size).toBe(2);
  const before = receiver.requests.length;
  expect(await send(env)).toEqual([0, expect.stringContaining("otlp: 0 delivered")]);
  expect(receiver.requests).toHaveLength(before);
});
