/** An error span, which is recorded, mirrored, redacted and on disk before its `end` returns. */
import { compare } from "./support/compare.mjs";

await compare(
  "errors",
  [
    {
      job: "error",
      variants: ["bare", "ours"],
      what: "ns: the Error, a span, recordException",
      atMost: 4,
    },
  ],
  { rounds: 41, warmUp: 20 },
);
