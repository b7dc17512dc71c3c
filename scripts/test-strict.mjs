/**
 * Sends spans and events of arbitrary values among ordinary ones, 100,000 for each protocol, to a receiver that decodes
 * with the OpenTelemetry Collector's own decoder. That needs Go; without it, the same rules in TypeScript reject what
 * the Collector's reject, and the script says so. Modules come from Go's proxy.
 *
 *   npm run test:strict
 *   STRICT_ITEMS=5000 npm run test:strict
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = mkdtempSync(join(tmpdir(), "land-strict-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const program = join(folder, "receiver");
const built = spawnSync("go", ["build", "-o", program, "."], {
  cwd: join(root, "spec/strict/receiver"),
  stdio: ["ignore", "inherit", "inherit"],
});
const hasReceiver = built.status === 0;
if (!hasReceiver)
  process.stderr.write(
    "The Collector's decoder was not built; the rules in TypeScript are used.\n",
  );
const { status } = spawnSync(
  process.execPath,
  [join(root, "node_modules/jest/bin/jest.js"), "spec/strict", "--maxWorkers=1"],
  {
    cwd: root,
    stdio: "inherit",
    env: {
      ...process.env,
      STRICT_ITEMS: process.env.STRICT_ITEMS ?? "100000",
      ...(hasReceiver ? { STRICT_RECEIVER: program } : {}),
    },
  },
);
// On a developer's machine a failed build is not the project's fault.
process.exitCode =
  status === 0 && !hasReceiver && process.env.CI && built.error === undefined ? 1 : (status ?? 1);
