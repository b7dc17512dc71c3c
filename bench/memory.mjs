/** The memory that each span retains until its batch is exported. */
import { compare } from "./support/compare.mjs";

await compare("memory", [
  {
    job: "pending",
    variants: ["bare", "ours"],
    what: "bytes of each span that waits",
    atMost: 1.05,
  },
]);
