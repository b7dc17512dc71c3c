import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Bundler, Mode } from "./bundle";
import { BUNDLERS, bundle, makeApplication, stopBundling } from "./bundle";

/** What no release may hold. */
const TELEMETRY = /posthog|phc_|opentelemetry|\/v1\/traces|\/batch\/|land:/i;

/**
 * Bytes that folding NODE_ENV leaves of an application that uses every name, over the same one without calls. The
 * two that inline no functions of other modules keep the no-ops that return something; the build plugin takes
 * them out.
 */
const MOST_BYTES: Record<Bundler, number> = { webpack: 0, rollup: 0, esbuild: 2_600, vite: 880 };

const real = makeApplication("package");
const handWritten = makeApplication("noop");
afterAll(() => {
  stopBundling();
  real.remove();
  handWritten.remove();
});

const build = async (bundler: Bundler, mode: Mode, entry: string, { directory } = real): Promise<string> =>
  (await bundle({ bundler, mode, entry, directory })).code;

describe.each(BUNDLERS)("a release built with %s", (bundler) => {
  it.each(["app.mjs", "use.mjs"])("by the production condition is that of hand-written no-ops, byte for byte (%s)", async (entry) => {
    expect(await build(bundler, "condition", entry)).toBe(await build(bundler, "condition", entry, handWritten));
  });

  it.each(["app.mjs", "use.mjs"])("by folding NODE_ENV alone is that of hand-written no-ops (%s)", async (entry) => {
    const folded = await build(bundler, "folding", entry);
    const byHand = await build(bundler, "folding", entry, handWritten);
    // esbuild counts names by their frequency before it folds, and so gives other letters of the same length.
    if (bundler === "esbuild") expect(folded.length).toBe(byHand.length);
    else expect(folded).toBe(byHand);
  });

  it.each(["condition", "folding"] as const)("holds no import, no string and no code of telemetry (%s)", async (mode) => {
    const code = await build(bundler, mode, "app.mjs");
    expect(code).not.toMatch(TELEMETRY);
    expect(code).not.toMatch(/\bimport\b|\brequire\b/);
    const without = await build(bundler, mode, "without.mjs");
    expect(code.length - without.length).toBeLessThanOrEqual(MOST_BYTES[bundler]);
  });

  it("is told from a development build, which holds the telemetry", async () => {
    expect(await build(bundler, "development", "app.mjs")).toMatch(TELEMETRY);
  });
});

describe("the application of these tests", () => {
  it("uses every public name", () => {
    const app = readFileSync(join(__dirname, "app/app.mjs"), "utf8");
    const entries = readdirSync(join(__dirname, "../../dist/release")).filter((file) => file.endsWith(".cjs"));
    for (const entry of entries) {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- the built entry
      const names = Object.keys(require(`../../dist/release/${entry}`) as object);
      expect(names).not.toHaveLength(0);
      for (const name of names) expect(app).toMatch(new RegExp(`\\b${name}\\b`));
    }
  });
});
