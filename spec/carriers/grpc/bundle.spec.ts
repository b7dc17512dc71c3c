import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { callStaticService } from "./bundledCall";
import { removeTelemetry } from "./telemetry";

const run = promisify(execFile);

const EXPECTED = {
  answers: ["static", "static"],
  spans: [
    "1 land.test.StaticEcho/Unary OK",
    "1 land.test.StaticEcho/Unary OK",
    "2 land.test.StaticEcho/Unary OK",
    "2 land.test.StaticEcho/Unary OK",
  ],
  parented: true,
};

describe("static service definitions", () => {
  afterEach(removeTelemetry);

  it("are traced like those loaded from a .proto file", async () => {
    expect(await callStaticService()).toEqual(EXPECTED);
  });
});

describe("a bundle", () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "land-telemetry-grpc-"));
  });

  afterAll(() => rm(directory, { recursive: true }));

  it("of host, grpc-js and interceptors in one minified file traces like the sources", async () => {
    const outfile = join(directory, "host.cjs");
    await build({
      stdin: {
        contents: `import { callStaticService } from "./bundledCall";
          callStaticService().then((result) => console.log(JSON.stringify(result)));`,
        resolveDir: __dirname,
        loader: "ts",
      },
      bundle: true,
      minify: true,
      platform: "node",
      format: "cjs",
      outfile,
      logLevel: "silent",
    });
    // No node_modules can be found from where the file lies.
    const { stdout } = await run(process.execPath, [outfile], { cwd: directory });
    expect(JSON.parse(stdout)).toEqual(EXPECTED);
  });

  it("of the entry alone does not import grpc-js: it works on calls made by the host's copy", async () => {
    const { metafile } = await build({
      entryPoints: [join(__dirname, "../../../lib/grpc.ts")],
      bundle: true,
      write: false,
      metafile: true,
      packages: "external",
      platform: "node",
      format: "esm",
      logLevel: "silent",
    });
    const imports = Object.values(metafile.outputs).flatMap((output) =>
      output.imports.map(({ path }) => path),
    );
    expect([...new Set(imports)].sort()).toEqual([
      "@opentelemetry/api",
      "@opentelemetry/core",
      "@opentelemetry/semantic-conventions",
    ]);
  });
});
