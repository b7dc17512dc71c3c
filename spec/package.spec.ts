import type { ChildProcess } from "node:child_process";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import ts from "typescript";
import { ROOT } from "./support/runApp.js";

const guide = readFileSync(join(ROOT, "docs/sidecar.md"), "utf8");
const NPM = ["--silent", "--no-audit", "--no-fund", "--prefer-offline"];
/** A new project with the packed tarball and nothing else but what the guide says it needs. */
let project: string;
let tarball: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "land-package-"));
  execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", project], {
    cwd: ROOT,
  });
  tarball = readdirSync(project).find((name) => name.endsWith(".tgz")) ?? "";
  const [install = ""] = /npm install <clone>.*/.exec(guide) ?? [];
  expect(install).toContain(tarball);
  const [, , , api = ""] = install.split(" ");
  execFileSync("npm", ["init", "-y"], { cwd: project });
  execFileSync("npm", ["install", ...NPM, join(project, tarball), api], { cwd: project });
}, 300_000);

afterAll(() => rmSync(project, { recursive: true, force: true }));

/** Follows the guide for a first sidecar with nothing but an empty folder and the tarball. */
describe("docs/sidecar.md, followed word for word", () => {
  let receiver: ChildProcess;
  let received = "";
  let url: string;

  beforeAll(() => {
    mkdirSync(join(project, "home"));
    for (const name of ["receiver.mjs", "sidecar.mjs", "flush.mjs", "off.mjs"])
      writeFileSync(join(project, name), block(`// ${name}`));
  });
  afterEach(() => receiver.kill());

  it("shows spans and errors, keeps them while the receiver is away, sends them later and deletes them on opt-out", async () => {
    const printed = block("$ node sidecar.mjs");
    await startReceiver();
    expect(await run("sidecar.mjs")).toEqual({ code: 0, stdout: printed });
    await arrived("event land:cocoon:error");
    await arrived("span  land:cocoon:file:read");

    receiver.kill();
    await once(receiver, "exit");
    expect(await run("sidecar.mjs")).toEqual({ code: 0, stdout: printed });

    await startReceiver(new URL(url).port);
    expect(await run("flush.mjs")).toEqual({ code: 0, stdout: block("$ node flush.mjs") });
    await arrived("event land:cocoon:error");

    receiver.kill();
    await once(receiver, "exit");
    await run("sidecar.mjs");
    expect(spooled()).not.toEqual([]);
    expect(await run("off.mjs")).toEqual({ code: 0, stdout: block("$ node off.mjs") });
    expect(spooled()).toEqual([]);
  }, 60_000);

  /** The lines of a code block below its first one. */
  function block(first: string): string {
    const from = guide.slice(guide.indexOf(`\n${first}\n`) + first.length + 2);
    return from.slice(0, from.indexOf("```"));
  }

  /** The spool files on disk. */
  function spooled(): readonly string[] {
    return readdirSync(join(project, "home"), { recursive: true, encoding: "utf8" }).filter(
      (name) => name.endsWith(".ndjson"),
    );
  }

  async function startReceiver(port = "0"): Promise<void> {
    received = "";
    receiver = spawn(process.execPath, ["receiver.mjs", port], {
      cwd: project,
      stdio: ["ignore", "pipe", "inherit"],
    });
    receiver.stdout?.setEncoding("utf8").on("data", (text: string) => (received += text));
    url = (await arrived("receiver at ")).slice("receiver at ".length);
  }

  /** Waits until the receiver has printed a line that begins like this, and returns it. */
  async function arrived(start: string): Promise<string> {
    for (;;) {
      const line = received
        .split("\n")
        .slice(0, -1)
        .find((text) => text.startsWith(start));
      if (line !== undefined) return line;
      await once(receiver.stdout ?? receiver, "data");
    }
  }

  async function run(
    program: string,
  ): Promise<{ readonly code: number | null; readonly stdout: string }> {
    const variables = Object.fromEntries(
      [...(/^Capture=.*$/m.exec(guide)?.[0] ?? "").matchAll(/(\w+)=(\S+)/g)].map(
        ([, name, value]) => [name, value],
      ),
    );
    const env = {
      PATH: process.env["PATH"],
      HOME: join(project, "home"),
      ...variables,
      Beam: url,
      Pipe: url,
    };
    const child = spawn(process.execPath, [program], {
      cwd: project,
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    const [code] = (await once(child, "close")) as [number | null];
    return { code, stdout };
  }
});

/** The entries with a separate build for pages. */
const WEB_ENTRIES = ["index", "worker", "tauri"];

describe("the package", () => {
  // Two subpaths need these peers; the guide above has worked without them.
  beforeAll(() => {
    for (const peer of ["@grpc/grpc-js", "vscode-jsonrpc"]) {
      const link = join(project, "node_modules", peer);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(ROOT, "node_modules", peer), link, "dir");
    }
  });

  const run = (file: string, program: string): string => {
    writeFileSync(join(project, file), program);
    return execFileSync(process.execPath, [file], {
      cwd: project,
      encoding: "utf8",
      env: { PATH: process.env["PATH"] ?? "", HOME: project },
    }).trim();
  };
  const subpaths = (): string[] => {
    const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      exports: Record<string, unknown>;
    };
    return Object.keys(exports).filter((subpath) => subpath !== "./package.json");
  };
  const named = (subpath: string): string => join("land-telemetry", subpath);

  it("works with import", () => {
    expect(
      run(
        "a.mjs",
        `import { register, Tier } from "land-telemetry"; console.log(register(Tier.Cocoon).status);`,
      ),
    ).toBe("disabled");
  });

  it("works with require", () => {
    expect(
      run(
        "a.cjs",
        `const { register, Tier } = require("land-telemetry"); console.log(register(Tier.Cocoon).status);`,
      ),
    ).toBe("disabled");
  });

  it("exports every subpath but the plugin under the same conditions, in the same order", () => {
    const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      exports: Record<string, unknown>;
    };
    for (const subpath of subpaths().filter((path) => path !== "./plugin")) {
      const name = subpath === "." ? "index" : subpath.slice(2);
      const files = (esm: string, cjs: string): Record<"import" | "require", object> => ({
        import: { types: `./dist/types-esm/${name}.d.ts`, default: `./dist/${esm}.mjs` },
        require: { types: `./dist/types/${name}.d.ts`, default: `./dist/${cjs}.cjs` },
      });
      const release = files(`release/${name}`, `release/${name}`);
      const { import: bundler } = files(`bundler/${name}`, "");
      const node = files(name, name);
      // `production`, and browsers without a build of their own, get the release variant. `module` is for bundlers:
      // those files read NODE_ENV inside each function. Only Node sets `node-addons`: those files read it once.
      const conditions = {
        production: release,
        browser: WEB_ENTRIES.includes(name) ? files(`browser/${name}`, "").import : release,
        module: bundler,
        "node-addons": node,
        import: bundler,
        require: node.require,
      };
      // Compared as strings because the order counts: the first condition that matches wins.
      expect(JSON.stringify(exports[subpath])).toBe(JSON.stringify(conditions));
    }
  });

  it("exports the same names from every subpath with import and with require", () => {
    for (const subpath of subpaths()) {
      const byImport = run(
        "b.mjs",
        `import * as all from ${JSON.stringify(named(subpath))}; console.log(Object.keys(all).filter((name) => name !== "default" && name !== "module.exports").sort().join());`,
      );
      const byRequire = run(
        "b.cjs",
        `console.log(Object.keys(require(${JSON.stringify(named(subpath))})).sort().join());`,
      );
      // `./register` is imported for its side effect and exports nothing.
      expect([subpath, byImport === ""]).toEqual([subpath, subpath === "./register"]);
      expect([subpath, byRequire]).toEqual([subpath, byImport]);
    }
  });

  describe("its commands", () => {
    const environment = (): NodeJS.ProcessEnv => ({ PATH: process.env["PATH"], HOME: project });

    it("run by npx, and report the results of doctor, spool and check-release by their exit codes", () => {
      const options = { cwd: project, encoding: "utf8", env: environment() } as const;
      // Runs what npx would run; npx takes ten times as long to find it.
      const command = (
        ...args: readonly string[]
      ): { readonly status: number | null; readonly stdout: string } =>
        spawnSync(join(project, "node_modules/.bin/land-telemetry"), args, options);
      const byNpx = spawnSync("npx", ["--no-install", "land-telemetry", "--version"], options);
      expect(byNpx.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
      const { status, stdout } = command("doctor", "--no-send", "--json");
      expect(status).toBe(3);
      const { findings } = JSON.parse(stdout) as { findings: readonly { code: string }[] };
      expect(findings.map(({ code }) => code)).toEqual([
        "nothing-sent",
        "otlp-off-capture-unset",
        "posthog-off-capture-unset",
        "api-one",
        "spool-empty",
      ]);
      expect(command("spool", "list").status).toBe(0);
      expect(command("nonsense").status).toBe(2);
      writeFileSync(join(project, "bundle.js"), "console.log(1)");
      expect(command("check-release", "bundle.js").status).toBe(0);
    });

    it("include an inspector that serves its page, receives both pipes and ends on Ctrl-C", async () => {
      const child = spawn("npx", ["--no-install", "land-telemetry", "inspect", "--port", "0"], {
        cwd: project,
        env: environment(),
        stdio: ["ignore", "pipe", "inherit"],
        detached: true,
      });
      const ended = once(child, "exit");
      let said = "";
      for (child.stdout.setEncoding("utf8"); !said.includes("Ctrl-C");)
        said += String((await once(child.stdout, "data")) as unknown);
      const [, url = ""] = /inspector is at (\S+)/.exec(said) ?? [];
      const page = await (await fetch(url)).text();
      expect(page).toContain("<title>land-telemetry inspector</title>");
      const sidecar = `import { flush, register, Tier, captureEvent } from "land-telemetry"; register(Tier.Cocoon); captureEvent("land:cocoon:entry:load"); await flush(5_000);`;
      writeFileSync(join(project, "sidecar.mjs"), sidecar);
      const [, settings = ""] = /^ +(Capture=.*)$/m.exec(said) ?? [];
      const variables = Object.fromEntries(
        settings
          .split(" ")
          .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
      );
      execFileSync(process.execPath, ["sidecar.mjs"], {
        cwd: project,
        env: { ...environment(), ...variables },
      });
      const { traces } = (await (await fetch(`${url}/api/traces`)).json()) as {
        traces: readonly { name: string; eventCount: number }[];
      };
      expect(traces.map(({ name }) => name)).toContain("land:cocoon:session:start");
      const { events } = (await (await fetch(`${url}/api/events`)).json()) as {
        events: readonly { event: string }[];
      };
      expect(events.map(({ event }) => event)).toEqual(
        expect.arrayContaining(["land:cocoon:session:start", "land:cocoon:entry:load"]),
      );
      // A terminal sends Ctrl-C both to npx and to what it runs.
      process.kill(-(child.pid ?? 0), "SIGINT");
      await ended;
      await expect(fetch(url)).rejects.toThrow();
    }, 60_000);
  });

  it("includes the licences of all code bundled in it", () => {
    const metafile = JSON.parse(readFileSync(join(ROOT, "dist/metafile.json"), "utf8")) as Record<
      string,
      Record<string, number>
    >;
    const names = new Set(
      Object.values(metafile)
        .flatMap((modules) => Object.keys(modules))
        .map(
          (module) =>
            /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(module)?.[1] ?? "",
        ),
    );
    const notices = readFileSync(
      join(project, "node_modules/land-telemetry/dist/THIRD_PARTY_NOTICES.md"),
      "utf8",
    );
    expect(names.size).toBeGreaterThan(8);
    for (const name of names) if (name !== "") expect(notices).toContain(`${name}@`);
    expect(notices).toMatch(/Apache License\s+Version 2\.0/);
  });

  it("contains no sources, specifications or paths of the machine it was built on", () => {
    const files = execFileSync(
      "tar",
      ["-tzf", readdirSync(project).find((name) => name.endsWith(".tgz")) ?? ""],
      { cwd: project, encoding: "utf8" },
    )
      .trim()
      .split("\n");
    expect(
      files.filter(
        (file) =>
          /(^|\/)(spec|lib|bench|node_modules)\//.test(file) ||
          (file.endsWith(".ts") && !/\.d\.[mc]?ts$/.test(file)),
      ),
    ).toEqual([]);
    for (const file of files.filter((name) => /\.[cm]?js$/.test(name))) {
      expect([
        file,
        readFileSync(
          join(project, "node_modules", "land-telemetry", file.replace(/^package\//, "")),
          "utf8",
        ).includes(ROOT),
      ]).toEqual([file, false]);
    }
  });
});

describe("the package's types", () => {
  it("need neither @types/node nor skipLibCheck, for the main entry and the inspector", () => {
    const file = join(project, "typed.mts");
    writeFileSync(
      file,
      `import { captureEvent, register, stats, Tier, traceHandler, withSpan } from "land-telemetry";
       import { startInspector } from "land-telemetry/inspector";
       export const inspector = startInspector({ onRequest: ({ headers }) => headers["accept"] });
       const { problems } = register({ tier: Tier.Cocoon, processHooks: { signals: ["SIGTERM"] } });
       withSpan("a", (span) => span.setAttribute("b", 1));
       captureEvent("c", { d: 1 });
       export const seen = [problems, stats(), traceHandler("e", (f: string) => f)("g")];`,
    );
    const program = ts.createProgram([file], {
      strict: true,
      noEmit: true,
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      types: [],
      typeRoots: [],
    });
    const said = ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
    expect(said).toEqual([]);
    const names = program.getSourceFiles().map(({ fileName }) => fileName);
    expect(names.filter((name) => name.includes("@types/node"))).toEqual([]);
  });
});
