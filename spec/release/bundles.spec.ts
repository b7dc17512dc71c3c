import { readFileSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Bundler, Mode } from "./bundle";
import { BUNDLERS, bundle, makeApplication, stopBundling } from "./bundle";
import { makeSmallestPackage } from "./makeSmallestPackage";

/** What no release may hold. */
const TELEMETRY = /posthog|phc_|opentelemetry|\/v1\/traces|\/batch\/|land:/i;

/**
 * The bytes that folding NODE_ENV leaves, compared with the same application without calls, as measured. Terser
 * inlines everything. esbuild inlines functions of other modules only if they are empty or return their argument. It
 * keeps any other call even if its result is unused, since it heeds no annotation from another module; each call keeps
 * its function, and with it the span, the tracer or the receiver. Vite keeps what runs or returns something of the
 * application's. Both keep Tier, because reading a property might run a getter. The build plugin leaves none of this.
 */
const MOST_BYTES: Record<Bundler, Record<"every name" | "a sidecar", number>> = {
  webpack: { "every name": 0, "a sidecar": 0 },
  rollup: { "every name": 0, "a sidecar": 0 },
  esbuild: { "every name": 2_763, "a sidecar": 819 },
  vite: { "every name": 885, "a sidecar": 701 },
};
const APPLICATIONS = {
  "every name": ["app.mjs", "without.mjs"],
  "a sidecar": ["sidecar.mjs", "sidecar.without.mjs"],
} as const;

/**
 * What a package with these names would leave if its functions returned 0 where ours return something useful: no way
 * of writing no-ops leaves less. Where that exceeds the 250 bytes one would wish for, they cannot be reached without
 * the plugin, except by functions that return nothing, whose `register().status` throws (141 in esbuild).
 */
const LEAST_BYTES: Partial<Record<Bundler, number>> = { esbuild: 766, vite: 365 };

const real = makeApplication("package");
const handWritten = makeApplication("noop");
const smallestPackage = makeSmallestPackage();
const smallest = makeApplication({ directory: smallestPackage });
afterAll(() => {
  stopBundling();
  for (const { remove } of [real, handWritten, smallest]) remove();
  rmSync(smallestPackage, { recursive: true });
});

const build = async (
  bundler: Bundler,
  mode: Mode,
  entry: string,
  { directory } = real,
): Promise<string> => (await bundle({ bundler, mode, entry, directory })).code;

describe.each(BUNDLERS)("a release built with %s", (bundler) => {
  it.each(["app.mjs", "sidecar.mjs", "use.mjs"])(
    "by the production condition is identical to hand-written no-ops, byte for byte (%s)",
    async (entry) => {
      expect(await build(bundler, "condition", entry)).toBe(
        await build(bundler, "condition", entry, handWritten),
      );
    },
  );

  it.each(["app.mjs", "sidecar.mjs", "use.mjs"])(
    "by folding NODE_ENV alone matches hand-written no-ops (%s)",
    async (entry) => {
      const folded = await build(bundler, "folding", entry);
      const byHand = await build(bundler, "folding", entry, handWritten);
      // esbuild ranks names by frequency before it folds, and so picks other letters of the same length.
      if (bundler === "esbuild") expect(folded.length).toBe(byHand.length);
      else expect(folded).toBe(byHand);
    },
  );

  it.each(["condition", "folding"] as const)(
    "contains no import, string or code of the telemetry (%s)",
    async (mode) => {
      const code = await build(bundler, mode, "app.mjs");
      expect(code).not.toMatch(TELEMETRY);
      expect(code).not.toMatch(/\bimport\b|\brequire\b/);
    },
  );

  it.each(["condition", "folding"] as const)(
    "contains nothing of an import that registers (%s)",
    async (mode) => {
      const code = await build(bundler, mode, "registerAtImport.mjs");
      expect(code).not.toMatch(/telemetry|register/i);
      expect(code).toContain("work");
    },
  );

  it("differs from a development build, which registers through such an import", async () => {
    const code = await build(bundler, "development", "registerAtImport.mjs");
    expect(code).toContain("LAND_TELEMETRY_TIER");
  });

  it.each(["every name", "a sidecar"] as const)(
    "by folding NODE_ENV alone grows by no more than the known bytes, for %s",
    async (name) => {
      const [app, without] = APPLICATIONS[name];
      const added =
        (await build(bundler, "folding", app)).length -
        (await build(bundler, "folding", without)).length;
      expect(added).toBeLessThanOrEqual(MOST_BYTES[bundler][name]);
    },
  );

  it("differs from a development build, which contains the telemetry", async () => {
    expect(await build(bundler, "development", "app.mjs")).toMatch(TELEMETRY);
  });
});

it.each(["app.mjs", "sidecar.mjs"])(
  "with names kept, esbuild's release by folding NODE_ENV alone is identical to hand-written no-ops (%s)",
  async (entry) => {
    const of = async ({ directory }: { directory: string }): Promise<string> =>
      (await bundle({ bundler: "esbuild", mode: "folding", entry, directory, keepNames: true }))
        .code;
    expect(await of(real)).toBe(await of(handWritten));
  },
);

it.each(Object.entries(LEAST_BYTES))(
  "by folding NODE_ENV alone, %s keeps %i bytes of the smallest package with all the names",
  async (bundler, bytes) => {
    const of = (entry: string): Promise<string> =>
      build(bundler as Bundler, "folding", entry, smallest);
    expect((await of("app.mjs")).length - (await of("without.mjs")).length).toBe(bytes);
  },
);

it("each entry for bundlers makes the choice in every function and class that it exports", () => {
  const dist = join(__dirname, "../../dist");
  for (const file of readdirSync(join(dist, "release")).filter((name) => name.endsWith(".cjs"))) {
    // It has no functions, so it chooses only once.
    if (file === "register.cjs") continue;
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the built entry
    const names = Object.keys(require(join(dist, "release", file)) as object);
    const chooser = readFileSync(join(dist, "bundler", file.replace(".cjs", ".mjs")), "utf8");
    const [, full = ""] = /^import \{ (.*) \} from/.exec(chooser) ?? [];
    // Tier is the same in both.
    const chosen = names.filter((name) => name !== "Tier").map((name) => `${name} as full_${name}`);
    expect([file, full.split(", ").sort()]).toEqual([file, chosen.sort()]);
  }
});

describe("the application of these tests", () => {
  it("uses the hand-written package when it is compared with it", async () => {
    const resolve = (from: string): string =>
      realpathSync(createRequire(join(from, "app.mjs")).resolve("land-telemetry"));
    expect(resolve(handWritten.directory)).toBe(join(__dirname, "noop/index.js"));
    const code = await build("rollup", "development", "app.mjs", handWritten);
    expect(code).toContain("What somebody would write by hand");
    expect(code).not.toMatch(/posthog-node|opentelemetry/);
  });

  it("uses every public name", () => {
    const app = readFileSync(join(__dirname, "app/app.mjs"), "utf8");
    const entries = readdirSync(join(__dirname, "../../dist/release")).filter((file) =>
      file.endsWith(".cjs"),
    );
    for (const entry of entries) {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- the built entry
      const names = Object.keys(require(`../../dist/release/${entry}`) as object);
      // An entry that is imported only for its effect exports no names.
      expect([entry, names.length === 0]).toEqual([entry, entry === "register.cjs"]);
      for (const name of names) expect(app).toMatch(new RegExp(`\\b${name}\\b`));
    }
  });
});
