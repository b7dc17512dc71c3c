import type { BuildOptions } from "esbuild";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const directory = mkdtempSync(join(tmpdir(), "land-plugin-"));
writeFileSync(
  join(directory, "app.mjs"),
  `import { captureEvent } from "land-telemetry";\ncaptureEvent("app:started");\n`,
);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Built {
  readonly code: string;
  readonly warnings: readonly string[];
}

/** esbuild reads NODE_ENV of its process, and is an ES module, so each build has a process of its own. */
function build(options: BuildOptions, nodeEnv = "development"): Built {
  const child = join(__dirname, "esbuild.child.mjs");
  const argument = JSON.stringify({
    absWorkingDir: directory,
    entryPoints: ["app.mjs"],
    ...options,
  });
  const env = { ...process.env, NODE_ENV: nodeEnv };
  const printed = execFileSync(process.execPath, [child, argument], { env, encoding: "utf8" });
  return JSON.parse(printed) as Built;
}

const folded = (value: string) => ({ define: { "process.env.NODE_ENV": value } });

describe("whether a build of esbuild is a release", () => {
  it.each<[string, BuildOptions, string, boolean]>([
    ["nothing", {}, "development", false],
    ["NODE_ENV of the build", {}, "production", true],
    ["NODE_ENV of the build, for Node", { platform: "node" }, "production", true],
    ["the condition", { conditions: ["production"] }, "development", true],
    ["another condition", { conditions: ["development"] }, "development", false],
    ["the value in place of NODE_ENV", folded(`"production"`), "development", true],
    ["another value in place of NODE_ENV", folded(`"development"`), "production", false],
    ["a value that has the word in it", folded(`"preproduction"`), "production", false],
    ["minifying for browsers, as esbuild does", { minify: true }, "development", true],
    ["minifying for Node", { minify: true, platform: "node" }, "development", false],
  ])("goes by %s", (_, options, nodeEnv, isRelease) =>
    expect(build(options, nodeEnv).code.includes("app:started")).toBe(!isRelease),
  );
});

describe("what the build plugin cannot read", () => {
  const options: BuildOptions = { conditions: ["production"], loader: { ".js": "jsx" } };

  it("is built as it is, with a warning that names the file", () => {
    writeFileSync(
      join(directory, "page.js"),
      `import { captureEvent } from "land-telemetry";\ncaptureEvent("page");\nexport const page = <b />;\n`,
    );
    const { code, warnings } = build({ ...options, entryPoints: ["page.js"] });
    expect(code).toMatch(/captureEvent\("page"\)/);
    expect(warnings).toEqual([
      expect.stringMatching(/^The telemetry stays in .*page\.js, which could not be read/),
    ]);
  });

  it("says nothing of a file that only has the name in it", () => {
    writeFileSync(join(directory, "text.js"), `export const text = "land-telemetry";\n`);
    const { code, warnings } = build({ ...options, entryPoints: ["text.js"] });
    expect(code).toMatch(/"land-telemetry"/);
    expect(warnings).toEqual([]);
  });
});
