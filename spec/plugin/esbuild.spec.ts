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

/** Each build runs in its own process, because the plugin reads NODE_ENV from its process. */
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

describe("whether an esbuild build is a release", () => {
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
  ])("depends on %s", (_, options, nodeEnv, isRelease) =>
    expect(build(options, nodeEnv).code.includes("app:started")).toBe(!isRelease),
  );
});

describe("a file that the build plugin leaves alone", () => {
  const options: BuildOptions = { conditions: ["production"], loader: { ".js": "jsx" } };

  it("is built unchanged, with a warning that names it, if it cannot be read", () => {
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

  it("is built without a warning if it merely mentions the package", () => {
    writeFileSync(join(directory, "text.js"), `export const text = "land-telemetry";\n`);
    const { code, warnings } = build({ ...options, entryPoints: ["text.js"] });
    expect(code).toMatch(/"land-telemetry"/);
    expect(warnings).toEqual([]);
  });
});
