/** The rows of a table: one a line, columns two or more spaces apart; a line that begins with `# ` is a comment. */
export function rowsOf(table: string): readonly (readonly [string, string, ...string[]])[] {
  const lines = table.split("\n").map((line) => line.trim());
  return lines
    .filter((line) => line !== "" && !line.startsWith("# "))
    .map((line) => line.split(/ {2,}/) as [string, string, ...string[]]);
}

/** The words of a list, separated by white space. */
export function wordsOf(table: string): ReadonlySet<string> {
  return new Set(table.trim().split(/\s+/));
}
