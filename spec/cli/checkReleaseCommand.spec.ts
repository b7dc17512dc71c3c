import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkReleaseCommand } from "../../lib/cli/checkReleaseCommand";

let directory: string;
let said = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "land-check-"));
  said = "";
  writeFileSync(join(directory, "clean.js"), "work();");
  writeFileSync(join(directory, "left.js"), `span("land:cocoon:x");`);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));
const run = (...args: string[]): Promise<number> =>
  checkReleaseCommand(args, { directory, out: (text) => (said += text) });

it("says what it found, and where, and ends with 1", async () => {
  expect(await run("clean.js", ".")).toBe(1);
  expect(said).toBe(`.: left.js: …span("land:cocoon:x");…\nOne trace of telemetry found.\n`);
});

it("ends with 0 when there is nothing", async () => {
  expect(await run("clean.js")).toBe(0);
  expect(said).toBe("Nothing of telemetry is in clean.js.\n");
});

it("says it as JSON", async () => {
  expect(await run("--json", "left.js")).toBe(1);
  expect(JSON.parse(said)).toEqual({
    findings: [{ place: "left.js", file: expect.any(String), text: `span("land:cocoon:x");` }],
  });
});

it.each([
  [[], /which directory/],
  [["missing"], /ENOENT/],
  [["--strict", "."], /--strict/],
])("rejects %j", async (args, message) => {
  await expect(run(...args)).rejects.toThrow(message);
});
