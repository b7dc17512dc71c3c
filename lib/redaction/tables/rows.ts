/** The rows of a table that is written as one: a line each, two blanks or more between columns; `#` begins a remark. */
export function rowsOf(table: string): readonly (readonly [string, string, ...string[]])[] {
  const lines = table.split("\n").map((line) => line.trim());
  return lines
    .filter((line) => line !== "" && !line.startsWith("# "))
    .map((line) => line.split(/ {2,}/) as [string, string, ...string[]]);
}

/** The words of a table that has nothing else. */
export function wordsOf(table: string): ReadonlySet<string> {
  return new Set(table.trim().split(/\s+/));
}
