import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { BUNDLERS, bundle, makeApplication, stopBundling } from "./bundle";

const { directory, remove } = makeApplication("package");
let received: string[] = [];
const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const body = Buffer.concat(parts);
    received.push(
      request.headers["content-encoding"] === "gzip"
        ? gunzipSync(body).toString()
        : body.toString(),
    );
    response.end("{}");
  });
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => {
  stopBundling();
  server.close();
  remove();
});

it.each(BUNDLERS)(
  "an application bundled for development with %s sends spans and events",
  async (bundler) => {
    received = [];
    const { files, output } = await bundle({
      bundler,
      mode: "development",
      entry: "send.mjs",
      directory,
    });
    const entry =
      Object.keys(files).find((name) => name.startsWith("send.") || name.startsWith("app.")) ?? "";
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const variables = {
      Capture: "true",
      Report: "true",
      Emit: "true",
      Authorize: "phc_x",
      Beam: url,
      Pipe: url,
      LAND_TELEMETRY_SPOOL: join(output, "spool"),
    };
    // Some hosts forbid `eval`.
    await promisify(execFile)(
      process.execPath,
      ["--disallow-code-generation-from-strings", join(output, entry)],
      { env: { PATH: process.env["PATH"] ?? "", HOME: output, ...variables } },
    );
    expect(
      received.filter(
        (body) => body.includes("resourceSpans") && body.includes("land:cocoon:bundled"),
      ),
    ).toHaveLength(1);
    expect(
      received.filter((body) => body.includes("batch") && body.includes("land:cocoon:bundled"))
        .length,
    ).toBeGreaterThanOrEqual(1);
  },
);
