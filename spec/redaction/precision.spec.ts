import { createRedactor } from "../../lib/redaction/createRedactor.js";
import { harmlessLines, hasSomething } from "./corpus/precision.js";
import type { Half } from "./corpus/random.js";

const redactor = createRedactor(
  { applicationRoot: "/opt/land/cocoon" },
  { home: "/home/jane.quist", user: "jane.quist" },
);
const LINES = 20_000;
/** At most one line in this many may be changed wrongly. */
const LINES_A_FALSE_ALARM = 2_000;

describe("lines from what is installed and printed on this machine", () => {
  const halves = new Map<Half, ReturnType<typeof harmlessLines>>();
  beforeAll(() => {
    for (const half of ["tuned", "unseen"] as const) halves.set(half, harmlessLines(half));
  }, 120_000);

  it("number more than twenty thousand", () => {
    expect([...halves.values()].flat().length).toBeGreaterThan(LINES);
  });

  it.each<Half>(["tuned", "unseen"])(
    "stay unchanged unless they hold something that should not leave: the %s half",
    (half) => {
      const lines = halves.get(half) ?? [];
      const wrong = lines.filter(({ text }) => redactor.text(text) !== text && !hasSomething(text));
      const most = lines.length / LINES_A_FALSE_ALARM;
      expect(
        wrong.length > most ? wrong.map(({ from, text }) => [from, text, redactor.text(text)]) : [],
      ).toEqual([]);
    },
    60_000,
  );
});
