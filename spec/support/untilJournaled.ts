/**
 * Source for a program: `await untilJournaled(directory, count)` resolves once the journals of its process list `count`
 * open spans, so that the process may then die. A journal that it took over from a dead process has its pid in the
 * file name too, but the dead process's in its first line.
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
