import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, Server } from "node:http";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildSync } from "esbuild";

const ROOT = resolve(__dirname, "../..");
const TRACE_ID = "12345678901234567890123456789012";
const SPAN_ID = "1234567890123456";

/** The harness's side of the W3C suite, for the cases that need raw headers. */
describe("examples/w3c-service", () => {
  const directory = mkdtempSync(join(tmpdir(), "land-telemetry-"));
  let service: ChildProcess;
  let endpoint: string;
  let harness: Server;
  let callbacks: IncomingMessage[] = [];

  beforeAll(async () => {
    const entry = join(directory, "land-telemetry.ts");
    const script = join(directory, "service.mjs");
    const headers = JSON.stringify(join(ROOT, "lib/carriers/headers.ts"));
    writeFileSync(entry, `export { extract, inject } from ${headers};`);
    buildSync({
      entryPoints: [join(ROOT, "examples/w3c-service/service.mjs")],
      bundle: true,
      platform: "node",
      format: "esm",
      outfile: script,
      alias: { "land-telemetry": entry },
      banner: {
        js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
      },
      logLevel: "error",
    });
    service = spawn(process.execPath, [script], {
      env: { ...process.env, PORT: "0" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(service.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
    endpoint = /http:\S+/.exec(line.toString())?.[0] ?? "";
    harness = createServer((incoming, response) => {
      callbacks.push(incoming);
      incoming.resume().on("end", () => response.end());
    }).listen(0, "127.0.0.1");
    await once(harness, "listening");
  });

  afterAll(async () => {
    harness.close();
    service.kill();
    await once(service, "exit");
    rmSync(directory, { recursive: true });
  });

  /** What the service's callbacks carry when it is asked for `count` of them with these headers. */
  async function ask(
    headers: [string, string][],
    count = 1,
  ): Promise<{ traceparent: string; tracestate: string | undefined }[]> {
    callbacks = [];
    const url = `http://127.0.0.1:${(harness.address() as AddressInfo).port}/`;
    const body = JSON.stringify(Array.from({ length: count }, () => ({ url, arguments: [] })));
    const outgoing = request(endpoint, {
      method: "POST",
      headers: ["host", "127.0.0.1", ...headers.flat(), "content-length", String(body.length)],
    });
    outgoing.end(body);
    const [response] = (await once(outgoing, "response")) as [IncomingMessage];
    await once(response.resume(), "end");
    expect(response.statusCode).toBe(200);
    return callbacks.map(({ headersDistinct }) => {
      expect(headersDistinct["traceparent"]).toHaveLength(1);
      return {
        traceparent: headersDistinct["traceparent"]?.[0] ?? "",
        tracestate: headersDistinct["tracestate"]?.[0],
      };
    });
  }

  it("continues a trace in a separate span for each call", async () => {
    const sent = await ask(
      [
        ["traceparent", `00-${TRACE_ID}-${SPAN_ID}-03`],
        ["TraceState", "foo=1"],
        ["tracestate", "bar=2"],
      ],
      3,
    );
    expect(sent).toHaveLength(3);
    expect(new Set(sent.map(({ traceparent }) => traceparent)).size).toBe(3);
    for (const { traceparent, tracestate } of sent) {
      expect(traceparent).toMatch(new RegExp(`^00-${TRACE_ID}-(?!${SPAN_ID})[0-9a-f]{16}-03$`));
      expect(tracestate).toBe("foo=1,bar=2");
    }
  });

  it("starts a new trace if there are two traceparents or none", async () => {
    const twice: [string, string][] = [
      ["traceparent", `00-${TRACE_ID}-${SPAN_ID}-01`],
      ["traceparent", `00-${TRACE_ID}-${SPAN_ID}-01`],
    ];
    for (const headers of [twice, [], [["tracestate", "foo=1"]] as [string, string][]]) {
      const [sent] = await ask(headers);
      expect(sent?.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
      expect(sent?.traceparent).not.toContain(TRACE_ID);
      expect(sent?.tracestate).toBeUndefined();
    }
  });

  it("discards an invalid tracestate entirely", async () => {
    const [sent] = await ask([
      ["traceparent", `00-${TRACE_ID}-${SPAN_ID}-00`],
      ["tracestate", "foo=1,BAR=2"],
    ]);
    expect(sent).toEqual({
      traceparent: expect.stringContaining(TRACE_ID) as string,
      tracestate: undefined,
    });
  });
});
