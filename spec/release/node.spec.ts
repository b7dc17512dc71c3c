import { execFile } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const ROOT = join(__dirname, "../..");
const run = promisify(execFile);

/** Prints what the process loaded, the status of `register`, and the results of the calls. */
const REPORT = `
const loaded = [...new Set([...Object.keys(createRequire(file).cache), ...(globalThis.imported ?? [])])].filter((name) => !name.endsWith("/app.mjs") && !name.endsWith("/app.cjs"));
console.log(JSON.stringify({ loaded, status: telemetry.status, results: results.map(String) }));
`;
const WORK = `
const telemetry = land.register({ tier: "cocoon", capture: true, posthog: { enabled: true, key: "phc_x", host: process.env.Beam }, otlp: { enabled: true, endpoint: process.env.Pipe } });
const results = [land.withSpan("land:cocoon:work", (span) => span.isRecording()), land.isAllowed("otlp"), land.isAllowed("posthog")];
land.captureEvent("land:cocoon:x"); land.captureError("x", new Error("y")); land.emitSpan("z", { start: 1, end: 2 });
`;

let directory: string;
let requests = 0;
const server = createServer((_request, response) => {
  requests++;
  response.end("{}");
});
let everythingOn: Record<string, string>;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "land-release-"));
  mkdirSync(join(directory, "node_modules"));
  symlinkSync(ROOT, join(directory, "node_modules/land-telemetry"), "dir");
  // Records what the ES module loader loads, which no cache shows.
  writeFileSync(
    join(directory, "hooks.mjs"),
    `export async function load(url, context, next) { port.postMessage(url); return next(url, context); }\nlet port;\nexport function initialize(data) { port = data.port; }\n`,
  );
  writeFileSync(
    join(directory, "app.mjs"),
    `import { createRequire, register as addHooks } from "node:module"; import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
const { port1, port2 } = new MessageChannel(); addHooks("./hooks.mjs", { parentURL: import.meta.url, data: { port: port2 }, transferList: [port2] });
const file = import.meta.filename ?? new URL(import.meta.url).pathname; const land = await import("land-telemetry");
${WORK} await land.shutdown();
globalThis.imported = []; for (let note; (note = receiveMessageOnPort(port1)); ) if (note.message.startsWith("file:")) globalThis.imported.push(new URL(note.message).pathname);
port1.close(); ${REPORT}`,
  );
  writeFileSync(
    join(directory, "app.cjs"),
    `const { createRequire } = require("node:module"); const file = __filename; const land = require("land-telemetry"); ${WORK} land.shutdown().then(() => { ${REPORT} });`,
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  everythingOn = {
    ...{
      Capture: "true",
      Report: "true",
      Emit: "true",
      OTLPEnabled: "true",
      Authorize: "phc_x",
      Beam: url,
      Pipe: url,
      Record: "1",
      OTEL_SDK_DISABLED: "false",
    },
    ...{
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_TRACES_SAMPLER: "always_on",
      POSTHOG_API_KEY: "phc_x",
      POSTHOG_HOST: url,
      OTEL_LOG_LEVEL: "debug",
      LAND_TELEMETRY_SPOOL: join(directory, "spool"),
    },
  };
});
afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true, force: true });
});

async function start(
  args: readonly string[],
  variables: Record<string, string>,
): Promise<{ loaded: string[]; status: string; results: string[]; stderr: string }> {
  const { stdout, stderr } = await run(process.execPath, [...args], {
    cwd: directory,
    env: { PATH: process.env["PATH"] ?? "", HOME: directory, ...everythingOn, ...variables },
  });
  return {
    ...(JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as {
      loaded: string[];
      status: string;
      results: string[];
    }),
    stderr,
  };
}

describe.each(["app.mjs", "app.cjs"])("unbundled in Node, %s", (app) => {
  it.each([
    ["NODE_ENV=production", [app], { NODE_ENV: "production" }],
    ["--conditions=production", ["--conditions=production", app], {}],
  ])(
    "is a release with %s, whatever variables and options say",
    async (_, args, variables: Record<string, string>) => {
      const before = requests;
      const { loaded, status, results, stderr } = await start(args, variables);
      expect(status).toBe("release");
      expect(results).toEqual(["false", "false", "false"]);
      expect(stderr).toBe("");
      expect(requests).toBe(before);
      expect(loaded.length).toBeGreaterThanOrEqual(1);
      expect(loaded.length).toBeLessThanOrEqual(2);
      for (const file of loaded)
        expect(file.slice(ROOT.length)).toMatch(/^\/dist\/(release\/)?index\.[cm]js$/);
    },
  );

  it("is the full package otherwise", async () => {
    const before = requests;
    const { status, results } = await start([app], {});
    expect(status).toBe("registered");
    expect(results).toEqual(["true", "true", "true"]);
    expect(requests).toBeGreaterThan(before);
  });
});
