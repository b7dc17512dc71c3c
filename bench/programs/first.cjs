/** Registers, waits for the given ms and sends what its first failing spans take: clock time and CPU time, in ms. */
const { register, Tier, withSpan } = require("land-telemetry");

const [, , waitMs] = process.argv;
if (register(Tier.Cocoon).status !== "registered") throw new Error("not registered");

function fail() {
  const [started, used] = [performance.now(), process.cpuUsage()];
  try {
    withSpan("land:cocoon:handler", () => {
      throw new TypeError(`bench ${performance.now()}`);
    });
  } catch {
    // Only the span matters.
  }
  const { user, system } = process.cpuUsage(used);
  return { ms: performance.now() - started, cpuMs: (user + system) / 1_000 };
}

const tell = () => process.send([fail(), fail(), fail()]);
if (waitMs === "0") tell();
else setTimeout(tell, Number(waitMs));
