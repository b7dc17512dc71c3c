/** What a call costs while everything is off, compared with the API's own no-op span. */
import { compare } from "./support/compare.mjs";

await compare("off", [
  {
    job: "off",
    variants: ["api startSpan", "off withSpan", "off captureEvent"],
    what: "ns a call, nothing registered",
  },
]);
