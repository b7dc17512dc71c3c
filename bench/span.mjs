/** One ordinary span with five attributes: the call itself, and the CPU until a local collector has a batch of them. */
import { compare } from "./support/compare.mjs";

await compare(
  "span",
  [
    { job: "span", variants: ["bare", "ours"], what: "ns, start to end", atMost: 1.05 },
    {
      job: "endToEnd",
      variants: ["official", "ours", "post"],
      what: "CPU µs, end to end, a batch of 512",
      atMost: 1,
    },
    {
      job: "endToEndFlushed",
      variants: ["official", "ours", "post"],
      what: "CPU µs, end to end, 400 and a flush",
      atMost: 1,
    },
    {
      job: "endToEndPaths",
      variants: ["official", "ours"],
      what: "CPU µs, end to end, a batch of 512, every value a new path or URL",
      atMost: 1.6,
    },
  ],
  // A process lives for hours: what V8 compiles on other threads in the first seconds is not part of a span's cost.
  { rounds: 121, warmUp: 60 },
);
