/**
 * Text for a program: `await untilJournaled(directory, count)` resolves when the journals of its process say of so many
 * spans that they are open, so that it may die then. A journal that it took over from a dead process has its pid in its
 * file's name too, and that process's in its first line.
 */
export const UNTIL_JOURNALED = `
async function untilJournaled(directory, count) {
  const { readdirSync, readFileSync } = process.getBuiltinModule("node:fs");
  const { join } = process.getBuiltinModule("node:path");
  // Neither the folder nor a file need be there yet, or still.
  const tried = (work, otherwise) => {
    try {
      return work();
    } catch {
      return otherwise;
    }
  };
  const open = () => tried(() => readdirSync(directory, { recursive: true }), [])
    .filter((name) => name.endsWith(".spans"))
    .map((name) => tried(() => readFileSync(join(directory, name), "utf8"), ""))
    .filter((text) => text.includes('"run":"' + process.pid + "."))
    .reduce((sum, text) => sum + text.split('{"open":').length - 1, 0);
  while (open() < count) await new Promise((resolve) => setTimeout(resolve, 10));
}
`;
