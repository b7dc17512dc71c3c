import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface Run {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Summary {
  readonly traceId: string;
  readonly tiers: readonly string[];
  readonly spans: number;
  readonly orphans: number;
  readonly events: readonly {
    readonly event: string;
    readonly tier: string;
    readonly traceId: string;
    readonly spanId: string;
  }[];
}

const root = process.cwd();
const TIERS = ["air", "cocoon", "mountain", "sky"];
/** Seven processes start on what may be a busy machine. */
const LIMIT_MS = 90_000;

function run(folder: string, ...args: readonly string[]): Promise<Run> {
  // A carrier in the environment of whoever starts the example must not become the parent of the run.
  const env = {
    ...process.env,
    TRACEPARENT: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(folder, "main.mjs"), ...args],
      { cwd: root, env },
      (error, stdout, stderr) => {
        resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
  });
}

describe("the tiers example", () => {
  it(
    "shows one trace through four tiers, with one error where it happened",
    async () => {
      const { exitCode, stdout, stderr } = await run("examples/tiers", "--json");
      expect([exitCode, stderr]).toEqual([0, ""]);
      const summary = JSON.parse(stdout) as Summary;
      expect(Object.keys(summary)).toEqual(["traceId", "tiers", "spans", "orphans", "events"]);
      expect(summary.traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(summary.traceId).not.toBe("0af7651916cd43dd8448eb211c80319c");
      expect([...summary.tiers].sort()).toEqual(TIERS);
      expect(summary.orphans).toBe(0);
      expect(summary.spans).toBeGreaterThan(40);

      const named = (ending: string): readonly string[] =>
        summary.events.map(({ event }) => event).filter((event) => event.endsWith(ending));
      expect([...named(":session:start")].sort()).toEqual(
        TIERS.map((tier) => `land:${tier}:session:start`),
      );
      expect(named(":error")).toEqual(["land:cocoon:error"]);
      for (const { event, tier, traceId, spanId } of summary.events) {
        expect(event).toContain(`land:${tier}:`);
        expect(traceId).toBe(summary.traceId);
        expect(spanId).toMatch(/^[0-9a-f]{16}$/);
      }
    },
    LIMIT_MS,
  );

  it(
    "prints the trace as a waterfall, and the events beside their spans",
    async () => {
      const { exitCode, stdout } = await run("examples/tiers");
      expect(exitCode).toBe(0);
      for (const tier of TIERS)
        expect(stdout).toMatch(
          new RegExp(`^${tier} +land:${tier}:session:start +[\\d.]+ ms +█+$`, "m"),
        );
      expect(stdout).toMatch(/^cocoon +land:cocoon:file:read +[\d.]+ ms ✗ +▒+$/m);
      expect(stdout).toMatch(/^ +land:cocoon:error +land:cocoon:file:read +ENOENT/m);
    },
    LIMIT_MS,
  );

  it(
    "succeeds and sends nothing when Capture is false",
    async () => {
      const { exitCode, stdout, stderr } = await run("examples/tiers", "--off", "--json");
      expect([exitCode, stderr]).toEqual([0, ""]);
      expect(JSON.parse(stdout)).toEqual({
        traceId: null,
        tiers: [],
        spans: 0,
        orphans: 0,
        events: [],
      });
    },
    LIMIT_MS,
  );

  describe("exits with 1 and says what is wrong when", () => {
    let folder: string;

    // Inside the repository, so that the copy finds the package by its name.
    beforeEach(() => {
      mkdirSync(join(root, ".cache"), { recursive: true });
      folder = mkdtempSync(join(root, ".cache", "tiers-"));
      cpSync(join(root, "examples/tiers"), folder, { recursive: true });
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    function edit(file: string, from: string, to: string): void {
      const text = readFileSync(join(folder, file), "utf8");
      expect(text).toContain(from);
      writeFileSync(join(folder, file), text.replace(from, to));
    }

    it.each([
      [
        "Sky does not know that the error was counted",
        "sky.mjs",
        "adoptPayloadMark(message, span, failure);",
        "",
        /one error expected.*land:sky:error/,
      ],
      ["a tier has no telemetry", "air.mjs", "register(Tier.Air);", "", /spans of air.*expected/],
      [
        "a tier loses the context",
        "sky.mjs",
        "params: injectPayload(params)",
        "params",
        /one trace expected, \d+ came/,
      ],
      [
        "a tier ends without its last telemetry",
        "sidecar.mjs",
        "await shutdown(SHUTDOWN_MS);",
        "process.kill(process.pid, 'SIGKILL');",
        /did not finish|ended with SIGKILL|ended with 1/,
      ],
      [
        "a tier dies at its start",
        "cocoon.mjs",
        "register(Tier.Cocoon);",
        "process.exit(3);",
        /ended with 1/,
      ],
    ])(
      "%s",
      async (_what, file, from, to, miss) => {
        edit(file, from, to);
        const { exitCode, stderr } = await run(folder);
        expect(stderr).toMatch(miss);
        expect(exitCode).toBe(1);
      },
      LIMIT_MS,
    );

    it(
      "anything is sent although Capture is false",
      async () => {
        edit("main.mjs", "Capture: String(!off)", 'Capture: "true"');
        const { exitCode, stderr } = await run(folder, "--off");
        expect(stderr).toMatch(/nothing may be sent with Capture=false, but [1-9]\d* connections/);
        expect(exitCode).toBe(1);
      },
      LIMIT_MS,
    );
  });
});
