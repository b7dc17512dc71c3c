/** One ordinary span with five attributes: in place, and in CPU until a local collector has a batch of them. */
import { installOurs } from "./support/install.mjs";
import { report } from "./support/results.mjs";
import { round, summary, times } from "./support/statistics.mjs";
import { startFarEnd, takeTurns } from "./support/turns.mjs";

/** A process lives for hours: what V8 compiles in the first seconds, on threads of its own, is not what a span costs. */
const TURNS = { rounds: 121, warmUp: 60 };
const JOBS = [
  ["span", ["bare", "ours"], "ns, start to end"],
  ["endToEnd", ["official", "ours", "post"], "CPU µs, end to end, a batch of 512"],
  ["endToEndFlushed", ["official", "ours", "post"], "CPU µs, end to end, 400 and a flush"],
  [
    "endToEndPaths",
    ["official", "ours"],
    "CPU µs, end to end, a batch of 512, every value a new path or URL",
  ],
];

const project = installOurs();
const farEnd = await startFarEnd();
const rows = [];
for (const [job, variants, what] of JOBS) {
  const results = await takeTurns({ project, variants, job, ...TURNS, url: farEnd.url });
  for (const [variant, values] of results) {
    const { median, low, high } = summary(values);
    const timesOurs =
      variant === "post" ? { "× ours": round(times(values, results.get("ours"))) } : {};
    rows.push({
      what,
      variant,
      median: round(median),
      quartiles: `${round(low)}–${round(high)}`,
      "× baseline": round(times(values, results.get(variants[0]))),
      ...timesOurs,
    });
  }
}
farEnd.close();
report("span", rows);
