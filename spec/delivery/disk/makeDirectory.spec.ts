import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { buildSync } from "esbuild";
import { makeDirectory } from "../../../lib/delivery/disk/makeDirectory";
import { newDirectory } from "../support/makeSpool";

const WORKERS = 2;
const ROUNDS = 100;

describe("makeDirectory", () => {
  it("makes a folder and those above it, for the owner alone", () => {
    const path = join(newDirectory(), "a", "b");
    makeDirectory(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
  });

  it("is content with a folder that is there", () => {
    const path = newDirectory();
    mkdirSync(path, { recursive: true });
    expect(() => makeDirectory(path)).not.toThrow();
  });

  it("is content with a folder that comes into being while it makes those above", () => {
    const path = newDirectory();
    mkdirSync(path, { recursive: true });
    // Not there until `new` is, and there as soon as it is.
    makeDirectory(`${path}/new/../new/..`);
    expect(existsSync(join(path, "new"))).toBe(true);
  });

  it("makes what several make at once: the first processes of a machine start together", async () => {
    const [file] = buildSync({
      entryPoints: ["lib/delivery/disk/makeDirectory.ts"],
      write: false,
      format: "cjs",
      platform: "node",
      target: "node20",
    }).outputFiles;
    const program = `${file?.text ?? ""}
      const { parentPort, workerData } = require("node:worker_threads");
      const turns = new Int32Array(workerData.turns);
      const failures = [];
      for (let round = 0; round < ${ROUNDS}; round++) {
        Atomics.add(turns, round, 1);
        while (Atomics.load(turns, round) < ${WORKERS});
        try { module.exports.makeDirectory(workerData.path + "/" + round + "/a/b/c"); } catch (error) { failures.push(error.code); }
      }
      parentPort.postMessage(failures);`;
    const turns = new SharedArrayBuffer(ROUNDS * Int32Array.BYTES_PER_ELEMENT);
    const path = newDirectory();
    makeDirectory(path);
    const run = (): Promise<unknown> =>
      new Promise((resolve, reject) => {
        new Worker(program, { eval: true, workerData: { turns, path } })
          .once("message", resolve)
          .once("error", reject);
      });
    expect(await Promise.all(Array.from({ length: WORKERS }, run))).toEqual(
      Array.from({ length: WORKERS }, () => []),
    );
  });

  it.each(["/proc/land-telemetry", "/dev/null/land-telemetry"])(
    "says what the file system says of %s",
    (path) => {
      expect(() => makeDirectory(path)).toThrow(/ENOENT|ENOTDIR/);
    },
  );
});
