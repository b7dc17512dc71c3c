import type { Row } from "./Row";

const HEAD = [
  "case",
  "pipe",
  "accepted",
  "delivered",
  "dups",
  "dropped",
  "lost",
  "exit without/with",
  "end ms without/with",
  "lines",
  "note",
  "",
];

/** Prints the rows as one table. */
export function printTable(rows: readonly Row[]): void {
  const cells = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) =>
    Math.max(...cells.map((row) => (row[column] ?? "").length)),
  );
  for (const row of cells)
    process.stdout.write(
      `${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd()}\n`,
    );
}

function cellsOf(row: Row): string[] {
  const {
    name,
    pipe,
    accepted,
    delivered,
    duplicates,
    dropped = {},
    lost,
    exits,
    ends,
    lines,
    note = "",
    misses,
  } = row;
  const show = (value: number | undefined): string => (value === undefined ? "-" : String(value));
  return [
    name,
    pipe,
    show(accepted),
    show(delivered),
    show(duplicates),
    Object.entries(dropped)
      .map(([reason, count]) => `${reason}:${count}`)
      .join(" ") || "-",
    show(lost),
    exits?.join(" / ") ?? "-",
    ends?.map((ms) => ms.toFixed(0)).join(" / ") ?? "-",
    show(lines),
    note,
    misses.length === 0 ? "ok" : `MISSED ${misses.join("; ")}`,
  ];
}
