import type { AddressInfo, Server, Socket } from "node:net";
import { createServer } from "node:net";
import { monotonicMs, setTimeout as realTimeout } from "../../lib/shared/timers.js";
import { pipesTo, runApp } from "../support/runApp";

/** How a host's tests fake time: code in its program, after which time stands still. */
const FAKES = {
  "node:test": `
    const { mock } = await import("node:test");
    mock.timers.enable({ apis: ["setTimeout", "setInterval", "setImmediate", "Date"] });`,
  sinon: `
    const { createRequire } = await import("node:module");
    const fake = createRequire(process.cwd() + "/spec/")("@sinonjs/fake-timers");
    fake.install({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval",
      "setImmediate", "clearImmediate", "Date", "hrtime", "performance"] });`,
};

/** Prints a line after each budget that has ended. If one never ends, Node exits with code 13. */
const program = (fake: string): string => `
  import { captureError, flush, register, shutdown, withSpan } from "land-telemetry";
  register("cocoon");
  ${fake}
  withSpan("work", () => undefined);
  captureError("own", new Error("own"));
  await flush(100);
  console.log("flushed");
  await shutdown(100);
  console.log("shut down");`;

describe("budgets under a host's fake timers", () => {
  const sockets = new Set<Socket>();
  let hung: Server;
  let url: string;

  beforeAll(async () => {
    hung = createServer((socket) => {
      sockets.add(socket.on("error", () => undefined));
    });
    await new Promise<void>((resolve) => hung.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(hung.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    hung.close();
  });

  it.each(Object.entries(FAKES))("hold under %s", async (_name, fake) => {
    // Some fakes print warnings of their own.
    const { stdout, code } = await runApp(program(fake), { env: pipesTo(url) });

    expect({ stdout, code }).toEqual({ stdout: "flushed\nshut down\n", code: 0 });
  });

  it.each([{ legacyFakeTimers: true as const }, {}])("hold under Jest's, %j", async (fake) => {
    jest.useFakeTimers(fake);
    try {
      const before = monotonicMs();
      await new Promise((resolve) => realTimeout(resolve, 5));
      expect(monotonicMs()).toBeGreaterThan(before);
    } finally {
      jest.useRealTimers();
    }
  });
});
