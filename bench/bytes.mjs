/**
 * What each span allocates. The young generation is large enough for nothing to be collected meanwhile, and V8 does not
 * optimise, since which allocations it would eliminate, and when, differs from run to run.
 */
import { compare } from "./support/compare.mjs";

await compare(
  "bytes",
  [
    {
      job: "bytes",
      variants: ["bare", "ours"],
      what: "bytes allocated by each span",
      atMost: 1.05,
    },
  ],
  { execArgv: ["--max-semi-space-size=256", "--min-semi-space-size=256", "--no-opt"] },
);
