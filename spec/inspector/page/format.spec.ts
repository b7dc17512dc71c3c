import {
  formatCount,
  formatDuration,
  formatTime,
  formatValue,
} from "../../../lib/inspector/page/format.js";

describe("a duration", () => {
  it.each([
    [0, "0 ms"],
    [0.0004, "0 µs"],
    [0.87, "870 µs"],
    [1, "1.00 ms"],
    [9.876, "9.88 ms"],
    [10, "10.0 ms"],
    [99.94, "99.9 ms"],
    [100, "100 ms"],
    [1_000, "1.00 s"],
    [12_340, "12.3 s"],
    [60_000, "1.00 min"],
    [210_000, "3.50 min"],
    [3_600_000_000, "60000 min"],
    [-12.34, "-12.3 ms"],
  ])("of %d ms is shown as %s", (ms, shown) => expect(formatDuration(ms)).toBe(shown));
});

it("shows the reader's local time to the millisecond, and a dash for an unknown time", () => {
  expect(formatTime(new Date(2026, 0, 2, 3, 4, 5, 6).getTime())).toBe("03:04:05.006");
  expect([0, Number.NaN, Infinity].map(formatTime)).toEqual(["–", "–", "–"]);
});

it("shows counts with the noun in the singular or the plural", () => {
  expect([0, 1, 1_234].map((count) => formatCount(count, "span"))).toEqual([
    "0 spans",
    "1 span",
    "1,234 spans",
  ]);
  expect(formatCount(2, "child", "children")).toBe("2 children");
});

it("shows a string unchanged, a list on one line and an object over several", () => {
  expect(['a "b"', 7, [1, { a: 2 }], { a: 1 }].map(formatValue)).toEqual([
    'a "b"',
    "7",
    '[1,{"a":2}]',
    '{\n  "a": 1\n}',
  ]);
});
