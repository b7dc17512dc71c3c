/** Registers, waits for so many ms, and tells what its first spans that fail take: the clock, and the CPU of the process. */
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
    // It is the span that counts.
  }
  const { user, system } = process.cpuUsage(used);
  return { ms: performance.now() - started, cpuMs: (user + system) / 1_000 };
}

const tell = () => process.send([fail(), fail(), fail()]);
if (waitMs === "0") tell();
else setTimeout(tell, Number(waitMs));
