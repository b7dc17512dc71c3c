/** Runs one bundle after another for bundle.ts, in a process of its own: bundlers are ES modules and read NODE_ENV. */
import { join } from "node:path";

process.on("message", async (options) => {
  // Rollup's resolver and Vite read this.
  process.env.NODE_ENV =
    options.nodeEnv ?? (options.mode === "development" ? "development" : "production");
  try {
    await RUN[options.bundler](options, options.output);
    process.send({});
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) });
  }
});

const buildPlugin = async () => (await import("../../dist/plugin.cjs")).releasePlugin;

const EXTERNAL = ["@opentelemetry/api", "posthog-node"];

/** Terser needs a third pass to see that an inlined call of an inlined function is a plain call. */
const TERSER = { compress: { passes: 3 } };

const RUN = {
  esbuild: async (
    { mode, entry, directory, sourcemap = false, minify = true, keepNames = false, plugin },
    outdir,
  ) => {
    const { build } = await import("esbuild");
    await build({
      absWorkingDir: directory,
      entryPoints: [entry],
      outdir,
      outExtension: { ".js": ".mjs" },
      bundle: true,
      ...(keepNames ? { minifyWhitespace: true, minifySyntax: true } : { minify }),
      platform: "node",
      format: "esm",
      sourcemap,
      external: EXTERNAL,
      logLevel: "error",
      ...(mode === "condition" ? { conditions: ["production"] } : {}),
      ...(mode === "folding" ? { define: { "process.env.NODE_ENV": `"production"` } } : {}),
      ...(!plugin
        ? {}
        : { plugins: [(await buildPlugin()).esbuild(plugin === true ? undefined : plugin)] }),
    });
  },

  vite: async ({ mode, entry, directory, sourcemap = false, minify = true, plugin }, outDir) => {
    const { build, defaultServerConditions } = await import("vite");
    const conditions = defaultServerConditions.filter(
      (condition) => condition !== "development|production",
    );
    await build({
      root: directory,
      configFile: false,
      logLevel: "error",
      mode: mode === "development" ? "development" : "production",
      // Vite does not fold NODE_ENV in a library by itself.
      define: mode === "folding" ? { "process.env.NODE_ENV": `"production"` } : {},
      resolve: { conditions: mode === "folding" ? conditions : [...defaultServerConditions] },
      ssr: {
        noExternal: true,
        resolve: { conditions: mode === "folding" ? conditions : [...defaultServerConditions] },
      },
      plugins: !plugin ? [] : [(await buildPlugin()).vite(plugin === true ? undefined : plugin)],
      build: {
        ssr: true,
        outDir,
        emptyOutDir: false,
        sourcemap,
        minify: minify ? "oxc" : false,
        rolldownOptions: { input: join(directory, entry), external: EXTERNAL },
      },
    });
  },

  webpack: async ({ mode, entry, directory, sourcemap = false, minify = true, plugin }, path) => {
    const { default: webpack } = await import("webpack");
    const { default: TerserPlugin } = await import("terser-webpack-plugin");
    const compiler = webpack({
      context: directory,
      mode: mode === "development" ? "development" : "production",
      entry: join(directory, entry),
      target: "node20",
      devtool: sourcemap ? "source-map" : false,
      experiments: { outputModule: true },
      output: {
        path,
        filename: "app.mjs",
        library: { type: "module" },
        module: true,
        chunkFormat: "module",
      },
      externalsType: "module",
      externals: Object.fromEntries(EXTERNAL.map((name) => [name, name])),
      resolve:
        mode === "folding" ? { conditionNames: ["webpack", "module", "node", "import"] } : {},
      optimization: {
        minimize: minify && mode !== "development",
        minimizer: [new TerserPlugin({ terserOptions: TERSER })],
      },
      ...(!plugin
        ? {}
        : { plugins: [(await buildPlugin()).webpack(plugin === true ? undefined : plugin)] }),
    });
    await new Promise((resolve, reject) => {
      compiler.run((error, stats) => {
        compiler.close(() => {
          if (error) reject(error);
          else if (stats?.hasErrors()) reject(new Error(stats.toString("errors-only")));
          else resolve();
        });
      });
    });
  },

  rollup: async ({ mode, entry, directory, sourcemap = false, minify = true, plugin }, dir) => {
    const { rollup } = await import("rollup");
    const [{ nodeResolve }, { default: commonjs }, { default: replace }, { default: terser }] =
      await Promise.all([
        import("@rollup/plugin-node-resolve"),
        import("@rollup/plugin-commonjs"),
        import("@rollup/plugin-replace"),
        import("@rollup/plugin-terser"),
      ]);
    const bundled = await rollup({
      input: join(directory, entry),
      external: EXTERNAL,
      onwarn: () => undefined,
      plugins: [
        ...(!plugin ? [] : [(await buildPlugin()).rollup(plugin === true ? undefined : plugin)]),
        // It chooses `production` or `development` by NODE_ENV unless one of them is named.
        nodeResolve({ exportConditions: mode === "folding" ? ["node", "development"] : ["node"] }),
        commonjs(),
        ...(mode === "folding"
          ? [
              replace({
                preventAssignment: true,
                values: { "process.env.NODE_ENV": `"production"` },
              }),
            ]
          : []),
        ...(minify && mode !== "development" ? [terser({ module: true, ...TERSER })] : []),
      ],
    });
    await bundled.write({
      dir,
      format: "es",
      sourcemap,
      entryFileNames: "[name].mjs",
      chunkFileNames: "[name]-[hash].mjs",
    });
    await bundled.close();
  },
};
