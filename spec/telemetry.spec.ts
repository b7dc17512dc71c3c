import type { Receiver } from "./support/receiver.js";
import { startReceiver } from "./support/receiver.js";
import { pipesTo, runApp } from "./support/runApp.js";

describe("a host that listens for unhandled rejections", () => {
  let receiver: Receiver;
  beforeEach(async () => (receiver = await startReceiver()));
  afterEach(() => receiver.close());

  /** The tag and message of each error event. */
  async function errorsOf(listener: string, rejections: string): Promise<unknown[]> {
    const program = `import { captureError, register, shutdown, Tier, withSpan } from "land-telemetry";
      process.on("unhandledRejection", ${listener});
      register({ tier: Tier.Cocoon, throttle: { perSecond: 100, errorCap: 100 } });
      const wait = () => new Promise(setImmediate);
      ${rejections}
      await wait();
      await shutdown(5000);`;
    const result = await runApp(program, { env: pipesTo(receiver.url), type: "module" });
    expect(result).toMatchObject({ code: 0, stderr: "" });
    return receiver
      .events()
      .filter(({ event }) => event.endsWith(":error"))
      .map(({ properties }) => [properties["error_tag"], properties["error_message"]]);
  }

  const REJECTIONS = `void Promise.reject(new Error("a")); void Promise.reject("b"); await wait(); void Promise.reject("b");`;

  it("and reports none itself still has each reported", async () => {
    expect(await errorsOf("() => undefined", REJECTIONS)).toEqual([
      ["unhandledRejection", "a"],
      ["unhandledRejection", "b"],
      ["unhandledRejection", "b"],
    ]);
  });

  it("and reports them itself has each reported once, under its own tag", async () => {
    expect(await errorsOf(`(reason) => captureError("host", reason)`, REJECTIONS)).toEqual([
      ["host", "a"],
      ["host", "b"],
      ["host", "b"],
    ]);
  });

  it("gets no second event for a failure that a span counted, and none for a cancellation", async () => {
    const rejections = `
      void withSpan("counted", () => Promise.reject(new Error("once")));
      void Promise.reject(Object.assign(new Error("Canceled"), { name: "Canceled" }));`;
    expect(await errorsOf("() => undefined", rejections)).toEqual([["Error", "once"]]);
  });
});
