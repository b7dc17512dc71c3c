import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { Worker } from "node:worker_threads";
import { buildSync } from "esbuild";
import { readConfiguration } from "../../../lib/config/readConfiguration";
import type { TelemetryOptions } from "../../../lib/config/TelemetryOptions";
import {
  clearSpool,
  defaultSpoolRoot,
  diskQueueOptions,
  makeDirectory,
  spoolDirectory,
} from "../../../lib/delivery/disk/spoolPaths";
import { makeDisk, newDirectory, record, textOf } from "../support/makeDisk";

const WORKERS = 2;
const ROUNDS = 100;

describe("makeDirectory", () => {
  it("makes a folder and those above it for the owner only", () => {
    const path = join(newDirectory(), "a", "b");
    makeDirectory(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
  });

  it("accepts a folder that exists", () => {
    const path = newDirectory();
    mkdirSync(path, { recursive: true });
    expect(() => makeDirectory(path)).not.toThrow();
  });

  it("accepts a folder that appears while it makes those above", () => {
    const path = newDirectory();
    mkdirSync(path, { recursive: true });
    // This path exists as soon as `new` does, and not before.
    makeDirectory(`${path}/new/../new/..`);
    expect(existsSync(join(path, "new"))).toBe(true);
  });

  it("makes a folder that several threads make together, as the first processes of a machine may", async () => {
    const [file] = buildSync({
      entryPoints: ["lib/delivery/disk/spoolPaths.ts"],
      write: false,
      bundle: true,
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
    "reports the file system's error for %s",
    (path) => {
      expect(() => makeDirectory(path)).toThrow(/ENOENT|ENOTDIR/);
    },
  );
});

describe("the default root of spools", () => {
  it.each([
    ["linux", {}, join(homedir(), ".local/state/land-telemetry")],
    ["linux", { XDG_STATE_HOME: "/state" }, "/state/land-telemetry"],
    ["linux", { XDG_STATE_HOME: "relative" }, join(homedir(), ".local/state/land-telemetry")],
    [
      "darwin",
      { XDG_STATE_HOME: "/state" },
      join(homedir(), "Library/Application Support/land-telemetry"),
    ],
    ["win32", { LOCALAPPDATA: "/local" }, "/local/land-telemetry"],
    ["win32", {}, join(homedir(), "AppData/Local/land-telemetry")],
  ] as const)("on %s with %j is %s", (platform, env, expected) => {
    expect(defaultSpoolRoot(env, platform)).toBe(expected);
  });
});

describe("the directory of a spool", () => {
  it("differs by pipe, address and key", () => {
    const directories = [
      spoolDirectory("/r", "otlp", "http://a/v1/traces"),
      spoolDirectory("/r", "posthog", "http://a/v1/traces"),
      spoolDirectory("/r", "otlp", "http://b/v1/traces"),
      spoolDirectory("/r", "posthog", "http://a", "phc_1"),
      spoolDirectory("/r", "posthog", "http://a", "phc_2"),
      spoolDirectory("/r", "posthog", "http://aphc_1"),
    ];
    expect(new Set(directories).size).toBe(directories.length);
    expect(spoolDirectory("/r", "otlp", "http://a", "phc_secret")).not.toContain("secret");
  });

  it("is deleted on opt-out, for every destination of that pipe and for nothing else", () => {
    const root = dirname(newDirectory());
    const directories = (["otlp", "posthog"] as const).flatMap((pipe) =>
      ["http://a", "http://b"].map((url) => spoolDirectory(root, pipe, url)),
    );
    for (const directory of directories) makeDisk({ directory }).disk.append([record("a")], false);
    writeFileSync(join(directories[0] ?? "", "notes.txt"), "mine");
    expect(clearSpool(root, "otlp")).toBe(2);
    expect(readdirSync(join(root, "v1", "otlp"))).toHaveLength(1);
    expect(readdirSync(directories[0] ?? "")).toEqual(["notes.txt"]);
    expect(textOf(directories[2] ?? "") + textOf(directories[3] ?? "")).toMatch(
      /"id":"a"[^]*"id":"a"/,
    );
    expect(clearSpool(join(root, "nowhere"), "otlp")).toBe(0);
    // The other pipe's folder holds nobody else's files, so it is deleted too.
    expect(clearSpool(root, "posthog")).toBe(2);
    expect(readdirSync(join(root, "v1"))).toEqual(["otlp"]);
  });

  it("is below the configured root, or else the default one, and has the configured bounds", () => {
    const queue = (spool: NonNullable<TelemetryOptions["spool"]>) =>
      diskQueueOptions(readConfiguration({ tier: "air", spool }, {}), "otlp", "http://a");
    const { maxBytes, maxAgeMs, directory } = queue({
      directory: "/mine",
      maxBytes: 50_000_000,
      maxAgeMs: 9_000,
    });
    expect([maxBytes, maxAgeMs]).toEqual([50_000_000, 9_000]);
    expect(typeof directory === "function" && directory()).toBe(
      spoolDirectory("/mine", "otlp", "http://a"),
    );
    const byDefault = queue({}).directory;
    expect(typeof byDefault === "function" && byDefault()).toBe(
      spoolDirectory(defaultSpoolRoot() ?? "", "otlp", "http://a"),
    );
    expect(queue(false).directory).toBeUndefined();
  });
});
