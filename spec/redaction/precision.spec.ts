import { createRedactor } from "../../lib/redaction/createRedactor.js";
import { harmlessLines, hasSomething } from "./corpus/precision.js";
import type { Half } from "./corpus/random.js";

const redactor = createRedactor(
  { applicationRoot: "/opt/land/cocoon" },
  { home: "/home/jane.quist", user: "jane.quist" },
);
const LINES = 20_000;
/** One line of so many may be changed for nothing. */
const LINES_A_FALSE_ALARM = 2_000;

describe("lines of what is installed and printed here", () => {
  const halves = new Map<Half, ReturnType<typeof harmlessLines>>();

  it("are more than twenty thousand", () => {
    for (const half of ["tuned", "unseen"] as const) halves.set(half, harmlessLines(half));
    expect([...halves.values()].flat().length).toBeGreaterThan(LINES);
  }, 120_000);

  it.each<Half>(["tuned", "unseen"])(
    "stay as they are, but for what should not leave: the half that is %s",
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
