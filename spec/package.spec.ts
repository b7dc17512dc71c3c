import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./support/runApp.js";

/** The packed tarball in an empty project, with nothing but what it says it needs. */
describe("the package", () => {
  let project: string;

  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), "land-package-"));
    execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", project], {
      cwd: ROOT,
    });
    const tarball = readdirSync(project).find((name) => name.endsWith(".tgz")) ?? "";
    writeFileSync(join(project, "package.json"), JSON.stringify({ name: "empty", private: true }));
    const { devDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      devDependencies: Record<string, string>;
    };
    const peers = ["@opentelemetry/api", "@grpc/grpc-js", "vscode-jsonrpc"].map(
      (name) => `${name}@${devDependencies[name] ?? "*"}`,
    );
    execFileSync(
      "npm",
      [
        "install",
        "--silent",
        "--no-audit",
        "--no-fund",
        "--prefer-offline",
        join(project, tarball),
        ...peers,
      ],
      { cwd: project },
    );
  }, 180_000);

  afterAll(() => rmSync(project, { recursive: true, force: true }));

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

  it("works by import", () => {
    expect(
      run(
        "a.mjs",
        `import { register, Tier } from "land-telemetry"; console.log(register(Tier.Cocoon).status);`,
      ),
    ).toBe("disabled");
  });

  it("works by require", () => {
    expect(
      run(
        "a.cjs",
        `const { register, Tier } = require("land-telemetry"); console.log(register(Tier.Cocoon).status);`,
      ),
    ).toBe("disabled");
  });

  it("gives every subpath under the same conditions in the same order", () => {
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
      // The release variant, for browsers and for whoever sets `production`; `module` for bundlers, which get ES
      // modules that ask for NODE_ENV inside each function; `node-addons`, which Node alone sets, whose files ask once.
      const conditions = {
        browser: release,
        production: release,
        module: bundler,
        "node-addons": node,
        import: bundler,
        require: node.require,
      };
      // As text, because the first condition that holds wins.
      expect(JSON.stringify(exports[subpath])).toBe(JSON.stringify(conditions));
    }
  });

  it("gives every subpath by import and by require, with the same names", () => {
    for (const subpath of subpaths()) {
      const byImport = run(
        "b.mjs",
        `import * as all from ${JSON.stringify(named(subpath))}; console.log(Object.keys(all).filter((name) => name !== "default" && name !== "module.exports").sort().join());`,
      );
      const byRequire = run(
        "b.cjs",
        `console.log(Object.keys(require(${JSON.stringify(named(subpath))})).sort().join());`,
      );
      expect(byImport).not.toBe("");
      expect([subpath, byRequire]).toEqual([subpath, byImport]);
    }
  });

  describe("its commands, by npx", () => {
    const environment = (): NodeJS.ProcessEnv => ({ PATH: process.env["PATH"], HOME: project });

    it("doctor says what is wrong, by its exit code too, and check-release looks through a build", () => {
      const npx = (
        ...args: readonly string[]
      ): { readonly status: number | null; readonly stdout: string } =>
        spawnSync("npx", ["--no-install", "land-telemetry", ...args], {
          cwd: project,
          encoding: "utf8",
          env: environment(),
        });
      expect(npx("--version").stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
      const { status, stdout } = npx("doctor", "--no-send", "--json");
      expect(status).toBe(3);
      const { findings } = JSON.parse(stdout) as { findings: readonly { code: string }[] };
      expect(findings.map(({ code }) => code)).toEqual([
        "otlp-off-capture-unset",
        "posthog-off-capture-unset",
        "api-one",
        "spool-empty",
      ]);
      expect(npx("spool", "list").status).toBe(0);
      expect(npx("nonsense").status).toBe(2);
      writeFileSync(join(project, "bundle.js"), "console.log(1)");
      expect(npx("check-release", "bundle.js").status).toBe(0);
    });

    it("inspect serves its page, takes both pipes, and ends when it is told", async () => {
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
      // As a terminal does: to npx and to what it runs.
      process.kill(-(child.pid ?? 0), "SIGINT");
      await ended;
      await expect(fetch(url)).rejects.toThrow();
    }, 60_000);
  });

  it("brings the licences of what is inside along", () => {
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

  it("holds no sources, specifications or paths of the machine it was built on", () => {
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
