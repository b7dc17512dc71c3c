import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import type { BundleOptions } from "./bundle";
import { BUNDLERS, bundle, makeApplication, stopBundling } from "./bundle";

const { directory, remove } = makeApplication("package");
let requests = 0;
const server = createServer((request, response) => {
  requests++;
  request.resume();
  response.end("{}");
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => {
  stopBundling();
  server.close();
  remove();
});

/** Runs the bundle with everything turned on and with the settings of a development build. */
async function run({
  files,
  output,
}: {
  readonly files: Readonly<Record<string, string>>;
  readonly output: string;
}): Promise<{ said: unknown; stderr: string; requests: number; spooled: boolean }> {
  const before = requests;
  const entry =
    Object.keys(files).find((name) => name.startsWith("insist.") || name.startsWith("app.")) ?? "";
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const spool = join(output, "spool");
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(output, entry)], {
    env: {
      ...{
        PATH: process.env["PATH"] ?? "",
        HOME: output,
        NODE_ENV: "development",
        NODE_OPTIONS: "--conditions=development",
      },
      ...{
        Capture: "true",
        Report: "true",
        Emit: "true",
        OTLPEnabled: "true",
        Authorize: "phc_x",
        Beam: url,
        Pipe: url,
        Record: "1",
        LAND_TELEMETRY_SPOOL: spool,
      },
      ...{
        OTEL_SDK_DISABLED: "false",
        OTEL_EXPORTER_OTLP_ENDPOINT: url,
        OTEL_TRACES_SAMPLER: "always_on",
        OTEL_LOG_LEVEL: "debug",
        POSTHOG_API_KEY: "phc_x",
        POSTHOG_HOST: url,
      },
    },
  });
  return {
    said: JSON.parse(stdout.trim().split("\n").at(-1) ?? ""),
    stderr,
    requests: requests - before,
    spooled: existsSync(spool),
  };
}

describe.each(BUNDLERS)("an application that insists on telemetry, built with %s", (bundler) => {
  it.each<[string, Pick<BundleOptions, "mode" | "plugin">]>([
    ["the production condition", { mode: "condition" }],
    ["NODE_ENV folded", { mode: "folding" }],
    ["the build plugin", { mode: "folding", plugin: true }],
  ])("sends, records and writes nothing in a release by %s", async (_, options) => {
    const result = await run(await bundle({ bundler, entry: "insist.mjs", directory, ...options }));
    expect(result).toEqual({
      said: {
        status: "release",
        recording: [false, false],
        allowed: [false, false],
        listened: false,
        sent: false,
      },
      stderr: "",
      requests: 0,
      spooled: false,
    });
  });

  it("sends in a development build", async () => {
    const result = await run(
      await bundle({ bundler, mode: "development", entry: "insist.mjs", directory }),
    );
    expect(result.said).toEqual({
      status: "registered",
      recording: [true, true],
      allowed: [true, true],
      listened: true,
      sent: true,
    });
    expect(result.requests).toBeGreaterThan(0);
  });
});
