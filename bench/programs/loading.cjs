/**
 * Registers (or not, for the baseline), makes a span, an error span and an event, and looks at the event loop until all that is loaded
 * later is loaded and both pipes have delivered. Prints the longest blocks of the loop, and how long each took.
 */
const [, , kind] = process.argv;
const LOOK_MS = 3_500;
const WORTH_TELLING_MS = 2;

const started = performance.now();
if (kind === "ours") {
  const { register, Tier, withSpan, captureEvent } = require("land-telemetry");
  if (register(Tier.Cocoon).status !== "registered") throw new Error("not registered");
  setTimeout(() => {
    withSpan("land:cocoon:handler", () => captureEvent("land:cocoon:entry:load", { entry: "bench" }));
    try {
      withSpan("land:cocoon:handler", () => {
        throw new TypeError("bench");
      });
    } catch {
      // It is the span that counts.
    }
  }, 100);
}

const blocks = [];
let last = performance.now();
const registered = last - started;
const look = () => {
  const now = performance.now();
  if (now - last >= WORTH_TELLING_MS) blocks.push({ at: Math.round(last - started), ms: now - last });
  last = now;
  if (now - started < LOOK_MS) setImmediate(look);
  else end();
};
setImmediate(look);

function end() {
  const stats = kind === "ours" ? require("land-telemetry").stats() : undefined;
  process.send({ registered, blocks, stats });
}
