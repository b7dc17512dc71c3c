import { createRedactor } from "../../lib/redaction/createRedactor.js";
import type { Half } from "./corpus/random.js";
import type { Case } from "./corpus/recall.js";
import { isLeft, recallCases } from "./corpus/recall.js";

const redactor = createRedactor(
  { applicationRoot: "/opt/land/cocoon" },
  { home: "/home/jane.quist", user: "jane.quist" },
);

/** The percentage of each kind that must be found. */
const WANTED: Readonly<Record<Case["kind"], number>> = {
  token: 95,
  service: 95,
  format: 98,
  place: 90,
};

describe("secrets drawn from what scanners publish and people print", () => {
  it.each<Half>(["tuned", "unseen"])("are found in the %s half", (half) => {
    const cases = recallCases(half);
    const missed = cases.filter(({ text, secret }) => isLeft(redactor.text(text), secret));
    for (const [kind, percent] of Object.entries(WANTED)) {
      const all = cases.filter((one) => one.kind === kind);
      const lost = missed.filter((one) => one.kind === kind);
      expect(all.length).toBeGreaterThan(90);
      // A failure shows which ones were missed.
      expect(100 * lost.length > (100 - percent) * all.length ? lost : []).toEqual([]);
    }
  });

  it("are left in the texts without redaction, so the check can fail", () => {
    const cases = [...recallCases("tuned"), ...recallCases("unseen")];
    const plain = (text: string): string =>
      text.includes("%") ? decodeURIComponent(text.replaceAll(/%(?![\dA-F]{2})/g, "%25")) : text;
    expect(
      cases
        .filter(({ text, secret }) => !isLeft(text, secret) && !isLeft(plain(text), secret))
        .map(({ name }) => name),
    ).toEqual([]);
  });
});
