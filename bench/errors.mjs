/** An error span: recorded, mirrored, redacted and written ahead; and what that is made of. */
import { errorParts } from "./programs/errorParts.mjs";
import { installOurs } from "./support/install.mjs";
import { report } from "./support/results.mjs";
import { round, summary, times } from "./support/statistics.mjs";
import { startFarEnd, takeTurns } from "./support/turns.mjs";

const variants = ["bare", "ours"];
const project = installOurs();
const farEnd = await startFarEnd();
const results = await takeTurns({
  project,
  variants,
  job: "error",
  rounds: 41,
  warmUp: 20,
  url: farEnd.url,
});
farEnd.close();
const spans = new Map([...results].map(([variant, values]) => [variant, summary(values)]));
const baseline = spans.get("bare").median;
const row = (what, { median, low, high }) => ({
  what,
  ns: round(median, 0),
  quartiles: `${round(low, 0)}–${round(high, 0)}`,
  "× bare": round(median / baseline),
});
const parts = errorParts();
const known = [...parts.values()].reduce((sum, { median }) => sum + median, 0);
const rest = spans.get("ours").median - known;
report("errors", [
  row("bare SDK: the Error, a span, recordException", spans.get("bare")),
  {
    ...row("ours: mirrored, redacted, on disk", spans.get("ours")),
    "× bare": round(times(results.get("ours"), results.get("bare"))),
  },
  ...[...parts].map(([part, ns]) => row(`  ${part}`, ns)),
  {
    what: "  the rest: choice, throttle, books, queues, other caches",
    ns: round(rest, 0),
    quartiles: "",
    "× bare": round(rest / baseline),
  },
]);
