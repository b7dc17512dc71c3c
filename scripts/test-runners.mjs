/**
 * Runs the suites of a host that never calls `shutdown` under Jest, `node --test` and each pool of vitest, which is
 * installed from the registry into a folder of its own. Needs a build.
 *
 *   npm run test:runners
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = realpathSync(mkdtempSync(join(tmpdir(), "land-runners-")));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

cpSync(join(root, "spec/fault/runners/package.json"), join(folder, "package.json"));
run("npm", ["install", "--silent", "--no-audit", "--no-fund", "--prefer-offline"], folder);
const suite = ["-r", "esbuild-register", "spec/fault/run.ts", "--only=runners"];
run(process.execPath, [...suite, ...process.argv.slice(2)], root);

function run(program, args, cwd) {
  const env = { ...process.env, VITEST_MODULES: join(folder, "node_modules") };
  const { status, error } = spawnSync(program, args, { cwd, env, stdio: "inherit" });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
