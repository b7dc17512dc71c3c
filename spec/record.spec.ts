import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startReceiver } from "./support/receiver.js";
import { pipesTo, runApp } from "./support/runApp.js";

const PROGRAM = `import { register, shutdown, Tier, withSpan } from "land-telemetry";
  register(Tier.Air); withSpan("a", () => {}); await shutdown(5000);`;

describe("the variable Record", () => {
  it("writes exactly the bodies that are sent to one file per session, which only the owner can read", async () => {
    const directory = mkdtempSync(join(tmpdir(), "land-record-"));
    const receiver = await startReceiver();
    try {
      await runApp(PROGRAM, {
        env: { ...pipesTo(receiver.url), Record: "1", LAND_TELEMETRY_SPOOL: directory },
      });
      const [file] = readdirSync(join(directory, "recordings"));
      const path = join(directory, "recordings", file ?? "");
      const lines = readFileSync(path, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { pipe: string; body: string });
      expect(lines.map(({ body }) => body).sort()).toEqual(
        receiver.requests.map(({ body }) => body).sort(),
      );
      expect(new Set(lines.map(({ pipe }) => pipe))).toEqual(new Set(["posthog", "otlp"]));
      expect(statSync(path).mode & 0o777).toBe(0o600);
    } finally {
      await receiver.close();
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it("writes nothing unless it is set", async () => {
    const directory = mkdtempSync(join(tmpdir(), "land-record-"));
    const receiver = await startReceiver();
    await runApp(PROGRAM, { env: { ...pipesTo(receiver.url), LAND_TELEMETRY_SPOOL: directory } });
    await receiver.close();
    expect(readdirSync(directory)).not.toContain("recordings");
    rmSync(directory, { recursive: true, force: true });
  });
});
