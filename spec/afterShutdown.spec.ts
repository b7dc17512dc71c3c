import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startReceiver } from "./support/receiver";
import { pipesTo, runApp } from "./support/runApp";

const SPANS = 20;

it("keeps spans that end after shutdown in one file, which the next process sends", async () => {
  const receiver = await startReceiver();
  const spool = mkdtempSync(join(tmpdir(), "land-spool-"));
  const env = { ...pipesTo(receiver.url), LAND_TELEMETRY_SPOOL: spool };
  const program = `
    import { register, shutdown } from "land-telemetry";
    const { tracer } = register("cocoon");
    const open = Array.from({ length: ${SPANS} }, (_, i) => tracer.startSpan("late" + i));
    await shutdown();
    for (const span of open) span.end();`;
  try {
    const { code, stderr } = await runApp(program, { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const files = readdirSync(spool, { recursive: true, encoding: "utf8" });
    expect(files.filter((name) => name.endsWith(".ndjson"))).toHaveLength(1);

    await runApp(
      `import { flush, register } from "land-telemetry"; register("cocoon"); await flush(10_000);`,
      { env },
    );
    const late = receiver.spans().filter(({ name }) => name.startsWith("late"));
    expect(late).toHaveLength(SPANS);
  } finally {
    await receiver.close();
    rmSync(spool, { recursive: true, force: true });
  }
});
