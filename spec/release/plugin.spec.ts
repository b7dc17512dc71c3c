import { writeFileSync } from "node:fs";
import type { SourceMapPayload } from "node:module";
import { SourceMap } from "node:module";
import { join } from "node:path";
import type { BundleOptions, Bundler } from "./bundle";
import { BUNDLERS, bundle, makeApplication, stopBundling } from "./bundle";

/** Code without telemetry after code with it, in words that no minifier changes. */
const WORK = `import { SpanKind } from "@opentelemetry/api";
import { performance } from "node:perf_hooks";
LAND
export function run(value) {
  say("app:started", {
    at: 1,
  });
  emit("app:boot", { kind: SpanKind.CLIENT, start: performance.timeOrigin, end: 2 });
  return wrap("app:run", () => globalThis.work(value, "MARK"));
}
`;
const LINE = 9;
const SOURCES = {
  "named.mjs": WORK.replace(
    "LAND",
    `import { captureEvent as say, emitSpan as emit, withSpan as wrap } from "land-telemetry";`,
  ),
  "namespace.mjs": WORK.replace("LAND", `import * as land from "land-telemetry";`).replaceAll(
    /\b(say|emit|wrap)\(/g,
    (_, name: string) =>
      `land.${{ say: "captureEvent", emit: "emitSpan", wrap: "withSpan" }[name] ?? ""}(`,
  ),
  "typed.ts": WORK.replace(
    "LAND",
    `import { captureEvent as say, emitSpan as emit, type Telemetry, withSpan as wrap } from "land-telemetry";`,
  ).replace("(value)", "(value: Telemetry & { work?(): void }): unknown"),
};

const { directory, remove } = makeApplication("package");
for (const [name, text] of Object.entries(SOURCES)) writeFileSync(join(directory, name), text);
writeFileSync(
  join(directory, "plain.mjs"),
  `export function run(value) {\n  return globalThis.work(value, "MARK");\n}\n`,
);
afterAll(() => {
  stopBundling();
  remove();
});

const build = async (
  bundler: Bundler,
  entry: string,
  more: Partial<BundleOptions> = {},
): Promise<string> =>
  (await bundle({ bundler, mode: "folding", entry, directory, plugin: true, ...more })).code;

/** Where the mark in a bundle came from. */
async function originOf(bundler: Bundler, entry: string, minify: boolean): Promise<object> {
  const { files } = await bundle({
    bundler,
    mode: "folding",
    entry,
    directory,
    plugin: true,
    sourcemap: true,
    minify,
  });
  const [name, code] = Object.entries(files).find(
    ([file, text]) => !file.endsWith(".map") && text.includes("MARK"),
  ) ?? ["", ""];
  const before = code.slice(0, code.search(/.MARK/)).split("\n");
  const map = new SourceMap(JSON.parse(files[`${name}.map`] ?? "") as SourceMapPayload);
  return map.findEntry(before.length - 1, before.at(-1)?.length ?? 0);
}

describe.each(BUNDLERS)("the build plugin in %s", (bundler) => {
  it.each([
    ["app.mjs", "without.mjs"],
    ["named.mjs", "plain.mjs"],
    ["namespace.mjs", "plain.mjs"],
  ])("leaves nothing of the telemetry in %s", async (entry, plain) => {
    const app = await build(bundler, entry);
    const without = await build(bundler, plain);
    expect(app.length - without.length).toBe(0);
    expect(app).not.toMatch(/app:/);
  });

  it.each([
    ["named.mjs", true],
    ["named.mjs", false],
    ["namespace.mjs", true],
  ])(
    "maps the code after a removed call to its original place (%s, minified: %s)",
    async (entry, minify) => {
      const origin = await originOf(bundler, entry, minify);
      expect(origin).toMatchObject({
        originalLine: LINE - 1,
        originalSource: expect.stringMatching(new RegExp(`${entry}$`)),
      });
    },
  );

  it("removes calls only in a release, unless its release option says otherwise", async () => {
    expect(await build(bundler, "app.mjs", { mode: "development" })).toMatch(/app:started/);
    expect(
      await build(bundler, "app.mjs", { mode: "development", plugin: { release: true } }),
    ).not.toMatch(/app:/);
    expect(await build(bundler, "app.mjs", { plugin: { release: false }, minify: false })).toMatch(
      /app:start/,
    );
  });
});

describe.each(["esbuild", "vite"] as const)("TypeScript built with the plugin in %s", (bundler) => {
  it("leaves nothing of the telemetry", async () =>
    expect((await build(bundler, "typed.ts")).length).toBe(
      (await build(bundler, "plain.mjs")).length,
    ));

  it.each([true, false])("is mapped to its original place (minified: %s)", async (minify) => {
    expect(await originOf(bundler, "typed.ts", minify)).toMatchObject({
      originalLine: LINE - 1,
      originalSource: expect.stringMatching(/typed\.ts$/),
    });
  });
});

it.each(["esbuild", "webpack"] as const)(
  "the plugin in %s follows the bundler's settings, not the NODE_ENV of the build",
  async (bundler) => {
    expect(await build(bundler, "app.mjs", { nodeEnv: "development" })).not.toMatch(/app:/);
    expect(
      await build(bundler, "app.mjs", { nodeEnv: "development", mode: "condition" }),
    ).not.toMatch(/app:/);
  },
);
