import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../support/runApp.js";

/** Runs on the installed SDK 2.x; `npm run test:sdk3` runs the same on 3.x. */
describe("examples/own-provider", () => {
  it.each(["sdk2", "sdk3"])(
    "makes one event of a failure that two spans of the host record, with the provider of %s.mjs",
    async (line) => {
      const home = mkdtempSync(join(tmpdir(), "land-own-"));
      // SDK 2.12 already has `@opentelemetry/sdk-trace` with the names of 3.x.
      const { stdout, stderr } = await promisify(execFile)(
        process.execPath,
        ["examples/own-provider/main.mjs", line],
        { cwd: ROOT, env: { PATH: process.env["PATH"], HOME: home } },
      );
      rmSync(home, { recursive: true });
      expect(stderr).toBe("");
      expect(stdout.split("\n").slice(1)).toEqual([
        "  span   open workspace  ✗",
        "  span     read manifest  ✗",
        "  span     read settings",
        `  event  land:sidecar:error of "read manifest": ENOENT: no such file or directory, open 'missing/manifest.json'`,
        "",
      ]);
    },
    60_000,
  );
});
