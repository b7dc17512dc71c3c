import { installOurs } from "./install.mjs";
import { count } from "./options.mjs";
import { budget, report } from "./results.mjs";
import { round, summary, times } from "./statistics.mjs";
import { startReceiver, takeTurns } from "./turns.mjs";

/**
 * A whole part made of jobs of programs/spans.mjs. The variants of each job take turns; the first is the baseline, and
 * `atMost` is the budget for ours as a multiple of it. `--rounds`, `--warm-up`, `--keep`.
 */
export async function compare(part, jobs, { rounds = 31, warmUp = 12, execArgv = [] } = {}) {
  const project = installOurs();
  const receiver = await startReceiver();
  const rows = [];
  const budgets = [];
  for (const { job, what, variants, atMost } of jobs) {
    const results = await takeTurns({
      project,
      variants,
      job,
      rounds: count("rounds", rounds),
      warmUp: count("warm-up", warmUp),
      url: receiver.url,
      execArgv,
    });
    const baseline = variants[0];
    for (const [variant, values] of results) {
      const { median, low, high } = summary(values);
      rows.push({
        what,
        variant,
        median: round(median),
        quartiles: `${round(low)}–${round(high)}`,
        "× baseline": round(times(values, results.get(baseline)), 3),
        ...(variant === "post" ? { "× ours": round(times(values, results.get("ours"))) } : {}),
      });
    }
    if (atMost === undefined) continue;
    const figure = round(times(results.get("ours"), results.get(baseline)), 3);
    budgets.push(budget(`${what}, × ${baseline}`, figure, atMost));
  }
  receiver.close();
  report(part, rows, { budgets });
}
