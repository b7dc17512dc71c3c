/**
 * Registers (or not, for the baseline), makes a span, an error span and an event, and watches the event loop for
 * 3.5 s, within which everything that is loaded later is loaded and both pipes deliver. Sends the longer blocks of the loop, in ms.
 */
const fs = require("node:fs");

const [, , kind] = process.argv;
const LOOK_MS = 3_500;
const WORTH_TELLING_MS = 2;

const started = performance.now();
if (kind === "ours") {
  const { register, Tier, withSpan, captureEvent } = require("land-telemetry");
  if (register(Tier.Cocoon).status !== "registered") throw new Error("not registered");
  setTimeout(() => {
    withSpan("land:cocoon:handler", () =>
      captureEvent("land:cocoon:entry:load", { entry: "bench" }),
    );
    try {
      withSpan("land:cocoon:handler", () => {
        throw new TypeError("bench");
      });
    } catch {
      // Only the span matters.
    }
  }, 100);
}

/** This thread's running time in ms, so that other processes do not count as our blocks; where unknown, the clock. */
const said = fs.existsSync(`/proc/self/task/${process.pid}/schedstat`)
  ? fs.openSync(`/proc/self/task/${process.pid}/schedstat`)
  : undefined;
const buffer = Buffer.alloc(64);
function ranFor() {
  if (said === undefined) return performance.now();
  return (
    Number(
      buffer.toString("latin1", 0, fs.readSync(said, buffer, 0, buffer.length, 0)).split(" ")[0],
    ) / 1e6
  );
}

const blocks = [];
let last = performance.now();
let ran = ranFor();
const registered = last - started;
const look = () => {
  const now = performance.now();
  const runs = ranFor();
  if (runs - ran >= WORTH_TELLING_MS)
    blocks.push({ at: Math.round(last - started), ms: runs - ran });
  last = now;
  ran = runs;
  if (now - started < LOOK_MS) setImmediate(look);
  else end();
};
setImmediate(look);

function end() {
  const stats = kind === "ours" ? require("land-telemetry").stats() : undefined;
  process.send({ registered, blocks, stats });
}
