/**
 * What each span allocates. The young generation is made so large that nothing is collected meanwhile, and nothing is
 * optimised, since what V8 leaves out then, and when, differs from run to run.
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
