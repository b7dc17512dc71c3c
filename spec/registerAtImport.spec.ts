import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(__dirname, "..");

/** The built package's `land-telemetry/register`, in real processes. */
describe("registering at import", () => {
  const spool = mkdtempSync(join(tmpdir(), "land-import-"));
  afterAll(() => rmSync(spool, { recursive: true, force: true }));

  const SAY = `
    const { register, withSpan } = require("land-telemetry");
    const { status, reason } = register("air");
    withSpan("work", () => undefined);
    console.log(JSON.stringify([status, reason]));`;

  function run(
    args: readonly string[],
    environment: Readonly<Record<string, string>>,
    program = SAY,
  ): { said: unknown; stderr: string; status: number | null } {
    const { stdout, stderr, status } = spawnSync(process.execPath, [...args, "-e", program], {
      cwd: ROOT,
      encoding: "utf8",
      env: {
        PATH: process.env["PATH"],
        Capture: "true",
        Emit: "true",
        Pipe: "http://127.0.0.1:9",
        OTEL_LOG_LEVEL: "warn",
        LAND_TELEMETRY_SPOOL: spool,
        ...environment,
      },
    });
    return { said: JSON.parse(stdout || "null") as unknown, stderr, status };
  }

  it.each([
    ["--import", "land-telemetry/register"],
    ["--require", "land-telemetry/register"],
  ])("with node %s %s uses the variable's tier before the program runs", (...args) => {
    const { said, stderr, status } = run(args, { LAND_TELEMETRY_TIER: "Cocoon" });
    expect(said).toEqual(["already-registered", expect.stringContaining("registered as cocoon")]);
    expect([stderr, status]).toEqual(["", 0]);
  });

  it.each([
    [{}, /tier=undefined is not usable; accepted: mountain.*sidecar is used/],
    [
      { LAND_TELEMETRY_TIER: "venus" },
      /LAND_TELEMETRY_TIER="venus" is not usable.*sidecar is used/,
    ],
  ])("uses sidecar, with a warning, for %p", (environment, line) => {
    const { said, stderr } = run(["--import", "land-telemetry/register"], environment);
    expect(said).toEqual(["already-registered", expect.stringContaining("registered as sidecar")]);
    expect(stderr).toMatch(line);
  });

  it("does nothing in a release or while the pipes are off", () => {
    const preload = ["--import", "land-telemetry/register"];
    const tier = { LAND_TELEMETRY_TIER: "cocoon" };
    expect(run(preload, { ...tier, NODE_ENV: "production" }).said).toContain("release");
    expect(run(preload, { ...tier, Capture: "false" }).said).toContain("disabled");
  });

  it("does not let the variable override the argument of `register`", () => {
    const { said } = run(
      [],
      { LAND_TELEMETRY_TIER: "cocoon" },
      `const { register } = require("land-telemetry");
       register("echo");
       console.log(JSON.stringify(register("air").reason));`,
    );
    expect(said).toContain("registered as echo");
  });
});
