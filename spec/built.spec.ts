import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { startReceiver } from "./support/receiver.js";
import { ROOT, runApp } from "./support/runApp.js";

/** What the build leaves out or defers, checked in the files that are shipped. */
describe("the built package", () => {
  /** Build tools, which are not part of an application and have their own copy of the list of tiers. */
  const TOOLS = /^(plugin|removeTelemetry|webpackLoader)\./;
  const OPENING = {
    esm: `import * as land from "land-telemetry";`,
    cjs: `const land = require("land-telemetry");`,
  };
  /** Uses both pipes, through posthog-node and the exporter, and all that hand-written handlers call. */
  const PROGRAM = `
    const { register, Tier, withSpan, captureEvent, traceHandler, injectPayload, extractPayload, flush, stats } = land;
    if (register(Tier.Cocoon).status !== "registered") throw new Error("not registered");
    const handler = traceHandler("one", (value) => value + 1, { complete: true });
    if (handler.length !== 1 || handler(1) !== 2) throw new Error("handler");
    if (!extractPayload(withSpan("land:cocoon:handler", () => injectPayload({ a: 1 })))) throw new Error("payload");
    try { withSpan("land:cocoon:handler", () => { throw new TypeError("no"); }); } catch {}
    captureEvent("land:cocoon:entry:load", { entry: "x" });
    // Until the first window has gone its own way, through posthog-node.
    const wait = setInterval(() => {
      if (stats().posthog.delivered === 0) return;
      clearInterval(wait);
      flush(2_000);
    }, 10);`;

  const directory = mkdtempSync(join(tmpdir(), "land-built-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const deliver = async (
    program: string,
    type: "module" | "commonjs",
  ): Promise<{ stderr: string; code: number | null; events: string[]; spans: string[] }> => {
    const receiver = await startReceiver();
    const env = {
      Capture: "true",
      Report: "true",
      Emit: "true",
      Authorize: "phc_x",
      Beam: receiver.url,
      Pipe: receiver.url,
      Buffer: "50",
    };
    const { stderr, code } = await runApp(program, { env, type });
    await receiver.close();
    return {
      stderr,
      code,
      events: receiver
        .events()
        .map(({ event }) => event)
        .sort(),
      spans: receiver
        .spans()
        .map(({ name }) => name)
        .sort(),
    };
  };
  const EVENTS = ["land:cocoon:entry:load", "land:cocoon:error", "land:cocoon:session:start"];
  const SPANS = ["land:cocoon:handler", "land:cocoon:handler", "land:cocoon:session:start", "one"];

  it.each(["esm", "cjs"] as const)(
    "delivers through both pipes and prints nothing (%s)",
    async (form) => {
      const { stderr, code, events, spans } = await deliver(
        OPENING[form] + PROGRAM,
        form === "esm" ? "module" : "commonjs",
      );
      expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
      expect(events).toEqual(expect.arrayContaining(EVENTS));
      expect(spans).toEqual(expect.arrayContaining(SPANS));
    },
  );

  it("delivers when bundled with esbuild's defaults, and loads no Node module before it is needed", async () => {
    const program =
      OPENING.esm +
      PROGRAM.replace(
        "const handler =",
        "process._rawDebug(process.moduleLoadList.join()); const handler =",
      );
    const outfile = join(directory, "bundled.cjs");
    await build({
      stdin: { contents: program, resolveDir: ROOT },
      bundle: true,
      platform: "node",
      outfile,
      logLevel: "error",
    });
    const { stderr, events, spans } = await deliver(
      `require(${JSON.stringify(outfile)});`,
      "commonjs",
    );
    const loaded = stderr.trim().split(",");
    expect(loaded).toContain("NativeModule fs");
    for (const name of ["http", "https", "zlib", "worker_threads"])
      expect(loaded).not.toContain(`NativeModule ${name}`);
    expect(events).toEqual(expect.arrayContaining(EVENTS));
    expect(spans).toEqual(expect.arrayContaining(SPANS));
  });

  const AT_ONCE = "atOnce.mjs";
  const OUTSIDE =
    /^(@opentelemetry\/api|@grpc\/grpc-js|vscode-jsonrpc(\/.*)?|@react-email\/render)$/;
  const filesIn = (folder: string): [string, string][] =>
    readdirSync(join(ROOT, folder)).map((name) => [
      name,
      readFileSync(join(ROOT, folder, name), "utf8"),
    ]);

  it.each([
    ["dist/node", /\brequire\("([^"]+)"\)|\brequire\(`([^`]+)`\)/g],
    ["dist/bundler/full", /^(?:import|export) .*?from "([^"]+)";$|^import "([^"]+)";$/gm],
  ])("imports nothing but its peers, Node's modules and its own files (%s)", (folder, pattern) => {
    const files = filesIn(folder);
    const asked = files.flatMap(([, text]) =>
      [...text.matchAll(pattern)].map(([, one, other]) => one ?? other ?? ""),
    );
    expect(asked).toContain("@opentelemetry/api");
    const own = files.map(([name]) => `./${name}`);
    expect(asked.filter((id) => !OUTSIDE.test(id) && !isBuiltin(id) && !own.includes(id))).toEqual(
      [],
    );
  });

  it("leaves no `require` in the files for bundlers, where it would break a bundle or add a second API", () => {
    for (const [name, text] of filesIn("dist/bundler/full")) {
      const code = text.replaceAll(/^\s*(?:\*|\/\/).*$/gm, "");
      expect([name, code.match(/\bcreateRequire\b|\b__require\(|[^.\w]require\("/g)]).toEqual([
        name,
        null,
      ]);
    }
  });

  it("holds each module, and so its state, once for Node, once for bundlers and once for pages", () => {
    const metafile = JSON.parse(readFileSync(join(ROOT, "dist/metafile.json"), "utf8")) as Record<
      string,
      Record<string, number>
    >;
    const places = new Map<string, string[]>();
    for (const [file, modules] of Object.entries(metafile).filter(([name]) => !TOOLS.test(name)))
      for (const module of Object.keys(modules))
        places.set(module, [...(places.get(module) ?? []), file]);
    expect(places.size).toBeGreaterThan(200);
    for (const [module, files] of places) {
      // A page has one file of what it needs immediately, and one per other module in folders; a worker has only these.
      const isAtOnce = files.includes(AT_ONCE);
      const endings = files.map((file) =>
        file === AT_ONCE || file.includes("/")
          ? file.replace(/\/.*/, "")
          : file.replace(/^.*\./, ""),
      );
      expect([module, [...new Set(endings)]]).toEqual([module, endings]);
      const apart = files.filter((file) => file.includes("/"));
      if (isAtOnce)
        expect(apart.filter((file) => existsSync(join(ROOT, "dist/browser/full", file)))).toEqual(
          [],
        );
    }
  });
});
