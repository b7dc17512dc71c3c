/** One ordinary span with five attributes: in place, and in CPU until a local collector has it. */
import { installOurs } from "./support/install.mjs";
import { report } from "./support/results.mjs";
import { median, round, summary } from "./support/statistics.mjs";
import { startFarEnd, takeTurns } from "./support/turns.mjs";

/** A process lives for hours: what V8 compiles in the first seconds, on threads of its own, is not what a span costs. */
const MANY = { rounds: 61, warmUp: 60 };
/** `idle`: the variant whose cost is taken off the others, because it is that of the job itself. */
const JOBS = [
  { job: "span", variants: ["bare", "ours"], what: "ns, start to end", turns: MANY },
  { job: "endToEnd", variants: ["official", "ours", "post"], what: "CPU µs, end to end, 400 in a tick", turns: MANY },
  { job: "endToEndPaths", variants: ["official", "ours"], what: "CPU µs, end to end, every value a new path or URL", turns: MANY },
  { job: "spaced", idle: "none", variants: ["official", "ours", "post"], what: "CPU µs, end to end, one a millisecond, its timer taken off", turns: { rounds: 9, warmUp: 2 } },
];

const project = installOurs();
const farEnd = await startFarEnd();
const rows = [];
for (const { job, idle, variants, what, turns } of JOBS) {
  const results = await takeTurns({ project, variants: idle === undefined ? variants : [idle, ...variants], job, ...turns, url: farEnd.url });
  const own = idle === undefined ? 0 : median(results.get(idle));
  const baseline = median(results.get(variants[0])) - own;
  for (const variant of variants) {
    const { low, high, ...of } = summary(results.get(variant).map((value) => value - own));
    rows.push({ what, variant, median: round(of.median), quartiles: `${round(low)}–${round(high)}`, "× baseline": round(of.median / baseline) });
  }
}
farEnd.close();
report("span", rows);
