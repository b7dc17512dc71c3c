/**
 * One process of the flight recorder's benchmark, with one of these jobs: `writes` makes spans of 100 ms at a rate and
 * measures how long each write to a journal took; `short` makes spans that end immediately at a rate and measures the
 * CPU they took; `last` measures how long it took to find out how the last run ended, asked right after start, and
 * `lastLater` the same after 150 ms. It prints JSON to standard error and kills itself, so that a death is on record.
 */
const fs = require("node:fs");
const { register } = require("land-telemetry");

const [job, rate = 0, seconds = 0, recorder] = process.argv.slice(2);
const took = [];
const { writeSync } = fs;
fs.writeSync = (...given) => {
  const began = performance.now();
  const written = writeSync(...given);
  if (job === "writes") took.push(performance.now() - began);
  return written;
};
const telemetry = register({ tier: "cocoon", recorder: recorder !== "off" });
const end = (result) => {
  writeSync(2, JSON.stringify(result));
  process.kill(process.pid, "SIGKILL");
};

const lastRun = () => {
  const began = performance.now();
  const { lastRun } = telemetry;
  end({ ms: performance.now() - began, isKnown: lastRun !== undefined });
};
if (job === "last") lastRun();
else if (job === "lastLater") setTimeout(lastRun, 150);
else {
  let [made, from, cpu] = [0, 0, undefined];
  // Starting is not measured.
  setTimeout(() => {
    [from, cpu] = [performance.now(), process.cpuUsage()];
    took.length = 0;
    const timer = setInterval(() => {
      const passed = performance.now() - from;
      for (const due = (Math.min(passed, seconds * 1_000) * rate) / 1_000; made < due; made++) {
        const span = telemetry.tracer.startSpan("work", {
          attributes: { n: made, method: "hover" },
        });
        if (job === "short") span.end();
        else setTimeout(() => span.end(), 100);
      }
      if (passed < seconds * 1_000) return;
      clearInterval(timer);
      const { user, system } = process.cpuUsage(cpu);
      end({ took, cpuPercent: (user + system) / 10 / passed });
    }, 2);
  }, 1_500);
}
