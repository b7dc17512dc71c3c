import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../support/runApp.js";
import { UNTIL_JOURNALED } from "../support/untilJournaled.js";
import { request } from "../inspector/server/request.js";
import { run } from "./terminal.js";

const CLI = join(ROOT, "dist/node/cli.cjs");

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
}

async function ended(child: ChildProcess): Promise<Ended> {
  let out = "";
  child.stdout?.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return { code, signal, out };
}

/** How a program ends by itself, and how the same program ends within the inspector. */
function both(program: string, tell?: (child: ChildProcess) => void): Promise<Ended>[] {
  const commands = [
    ["-e", program],
    [CLI, "inspect", "--port", "0", "--", process.execPath, "-e", program],
  ];
  return commands.map((args) => {
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "ignore"],
      env: { PATH: process.env["PATH"] },
    });
    if (tell !== undefined) child.stdout.once("data", () => tell(child));
    return ended(child);
  });
}

describe("inspect -- program", () => {
  it.each([
    ["code 0", "console.log(process.argv.length)"],
    ["code 3", "console.log('hello'); process.exit(3)"],
    ["an exit code that was set", "process.exitCode = 7"],
    ["an error nobody caught", "throw new Error('mine')"],
    ["a rejection nobody handled", "Promise.reject(new Error('mine'))"],
    ["an abort", "process.abort()"],
    ["SIGKILL", "process.kill(process.pid, 'SIGKILL')"],
    ["SIGTERM of its own", "process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000)"],
    ["SIGSEGV", "process.kill(process.pid, 'SIGSEGV')"],
  ])("ends as the program does by itself: %s", async (_how, program) => {
    const [alone, within] = await Promise.all(both(program));
    expect(within).toEqual(alone);
  });

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "passes %s on, and ends as the program does by itself",
    async (signal) => {
      for (const program of [
        "setInterval(() => {}, 1000); console.log('ready')",
        `process.on(${JSON.stringify(signal)}, () => process.exit(9)); setInterval(() => {}, 1000); console.log('ready')`,
      ]) {
        const [alone, within] = await Promise.all(both(program, (child) => child.kill(signal)));
        expect(within).toEqual(alone);
      }
    },
  );

  it("exits like a shell if the program is missing or cannot be executed", async () => {
    const { code, err } = await run(["inspect", "--port", "0", "--", "./no-such-program"]);
    expect(code).toBe(127);
    expect(err).toContain("./no-such-program was not found.\n");
    expect(err).not.toContain("ended");
    // A directory exists, but is not a program.
    const folder = await run(["inspect", "--port", "0", "--stay", "--", ROOT], {
      untilInterrupted: () => Promise.reject(new Error("it stays, with nothing to show")),
    });
    expect(folder.code).toBe(126);
    expect(folder.err).toMatch(/could not be started \(spawn .*EACCES\)\.\n/);
  });

  it("takes a free port if the usual one is in use", async () => {
    // If another process already has the port, that will do as well.
    const other = createServer().listen(4318, "127.0.0.1");
    await once(other, "listening").catch(() => undefined);
    const { code, err } = await run([
      "inspect",
      "--",
      process.execPath,
      "-e",
      "process.exitCode = 6",
    ]);
    other.close();
    expect(code).toBe(6);
    expect(err).not.toContain(":4318");
    expect(err).toContain("Port 4318 is in use; using another one.\n");
  });

  it("says that nothing arrived if, and only if, that is so", async () => {
    const environment = { PATH: process.env["PATH"] ?? "" };
    const said = async (program: string): Promise<boolean> =>
      (
        await run(["inspect", "--port", "0", "--", process.execPath, "-e", program], {
          environment,
          directory: ROOT,
        })
      ).err.includes("Nothing arrived. Does the program call register");
    expect(await said("0")).toBe(true);
    expect(await said('require("land-telemetry").register("air")')).toBe(false);
  });

  it("passes its arguments on unchanged", async () => {
    const program =
      "process.exitCode = process.argv.slice(1).join() === '--help,--,--port' ? 5 : 1";
    const args = ["--", process.execPath, "-e", program, "--", "--help", "--", "--port"];
    expect((await run(["inspect", "--port", "0", ...args])).code).toBe(5);
  });

  it("shows what a program left when it was killed, without another run", async () => {
    const program = `
      const { captureError, register, withSpan } = require("land-telemetry");
      register("air");
      withSpan("last work", () => captureError("land:air:disk", new Error("no more room")));
      process.kill(process.pid, "SIGKILL");`;
    let url = "";
    let events: unknown;
    const { raised, err } = await run(
      ["inspect", "--port", "0", "--stay", "--", process.execPath, "-e", program],
      {
        environment: { PATH: process.env["PATH"] ?? "" },
        directory: ROOT,
        onErr: (text) => (url ||= /http:\S+/.exec(text)?.[0] ?? ""),
        untilInterrupted: async () => {
          events = (await request(`${url}/api/events`)).json;
        },
      },
    );
    expect(raised).toEqual(["SIGKILL"]);
    expect(err).toContain("ended by SIGKILL. ");
    expect(JSON.stringify(events)).toContain("no more room");
  });

  it("shows how the program died and what it was doing, and prints only JSON with --json", async () => {
    const program = `
      ${UNTIL_JOURNALED}
      const { register, withSpan } = require("land-telemetry");
      console.log(register("air").reason);
      withSpan("last work", () => new Promise(() => undefined));
      setImmediate(() => untilJournaled(process.env.LAND_TELEMETRY_SPOOL, 1).then(() => process.kill(process.pid, "SIGSEGV")));`;
    const { out, raised } = await run(
      ["inspect", "--port", "0", "--json", "--", process.execPath, "-e", program],
      { environment: { PATH: process.env["PATH"] ?? "" }, directory: ROOT },
    );
    expect(raised).toEqual(["SIGSEGV"]);
    const { errors, traces } = JSON.parse(out) as Record<string, readonly { spans: unknown[] }[]>;
    expect(errors).toMatchObject([{ type: "Process crashed", openSpans: ["last work"] }]);
    expect(traces?.flatMap(({ spans }) => spans)).toMatchObject([
      { name: "last work", attributes: { "land.ended_by": "fault" } },
    ]);
  });

  it("says that it turns telemetry on if the environment turns it off", async () => {
    const program = ["inspect", "--port", "0", "--", process.execPath, "-e", "0"];
    for (const [set, says] of [
      [{ Capture: "false" }, true],
      [{ Report: "false" }, true],
      [{ Emit: "false" }, true],
      [{ Capture: "true" }, false],
      [{ Capture: "false", NODE_ENV: "production" }, false],
    ] as const) {
      const { err } = await run(program, {
        environment: { PATH: process.env["PATH"] ?? "", ...set },
      });
      expect(
        err.includes("Telemetry is turned off in this environment; for this program it is on"),
      ).toBe(says);
    }
  });

  it("says what the program sent and how to see it, if it does not stay", async () => {
    const program = `require("land-telemetry").register("air"); require("land-telemetry").withSpan("work", () => undefined);`;
    const { err } = await run(["inspect", "--port", "0", "--", process.execPath, "-e", program], {
      environment: { PATH: process.env["PATH"] ?? "" },
      directory: ROOT,
    });
    expect(err).toMatch(
      /ended with code 0\. It sent 3 spans and 2 events; --stay keeps the page, --json prints them\.\n$/,
    );
  });

  it("says that a program sends nothing under DO_NOT_TRACK", async () => {
    const { err } = await run(["inspect", "--port", "0", "--", process.execPath, "-e", "0"], {
      environment: { PATH: process.env["PATH"] ?? "", DO_NOT_TRACK: "1" },
    });
    expect(err).toMatch(/Nothing is sent: DO_NOT_TRACK turns it off\./);
    expect(err).not.toMatch(/Nothing arrived|it is on/);
  });

  it("says that a program sends nothing in a production environment", async () => {
    const { err } = await run(["inspect", "--port", "0", "--", process.execPath, "-e", "0"], {
      environment: { PATH: process.env["PATH"] ?? "", NODE_ENV: "production" },
    });
    expect(err).toContain("NODE_ENV is production, so the program sends nothing.");
  });
});

describe("inspect --json", () => {
  const program = `
    const { captureError, register, withSpan } = require("land-telemetry");
    register("air");
    withSpan("first", () => undefined);
    withSpan("second", () => captureError("land:air:disk", new RangeError("no more room")));`;
  /** What is printed, whether it came from the program itself or from a recording. */
  const told = {
    errors: [{ tier: "air", name: "land:air:error", type: "RangeError", message: "no more room" }],
    traces: expect.arrayContaining([
      expect.objectContaining({ name: "first", tiers: ["air"], errorCount: 0 }),
      expect.objectContaining({ name: "second", tiers: ["air"], errorCount: 1 }),
    ]) as unknown,
    events: expect.arrayContaining([
      expect.objectContaining({ event: "land:air:error" }),
    ]) as unknown,
    refusals: [],
  };
  const options = { environment: { PATH: process.env["PATH"] ?? "" }, directory: ROOT };

  it("prints what a program sent as one object, errors first, and ends as the program does", async () => {
    const { code, out } = await run(
      [
        "inspect",
        "--port",
        "0",
        "--json",
        "--",
        process.execPath,
        "-e",
        `${program} process.exitCode = 4`,
      ],
      options,
    );
    expect(code).toBe(4);
    expect(Object.keys(JSON.parse(out) as object)[0]).toBe("errors");
    expect(JSON.parse(out)).toMatchObject(told);
  });

  it("prints what a recording holds, and exits", async () => {
    const folder = mkdtempSync(join(tmpdir(), "land-json-"));
    const recording = join(folder, "recording.ndjson");
    let url = "";
    await run(["inspect", "--port", "0", "--stay", "--", process.execPath, "-e", program], {
      ...options,
      onErr: (text) => (url ||= /http:\S+/.exec(text)?.[0] ?? ""),
      untilInterrupted: async () =>
        writeFileSync(recording, await (await fetch(`${url}/api/recording`)).text()),
    });
    const { code, out } = await run(["inspect", "--port", "0", "--json", recording], options);
    rmSync(folder, { recursive: true });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject(told);
  });
});
