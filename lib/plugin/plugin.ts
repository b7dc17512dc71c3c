import type { EncodedSourceMap } from "@jridgewell/remapping";
import remapping from "@jridgewell/remapping";
import type { BuildOptions } from "esbuild";
import { createUnplugin } from "unplugin";
import { takeOut } from "./takeOut.js";

/** Options of the build plugin. */
export interface ReleasePluginOptions {
  /**
   * Whether this build is a release; in any other the plugin does nothing. Default: what the bundler says, webpack by
   * its mode, Vite by `isProduction`, esbuild by `production` among its conditions or as what it puts in place of
   * `process.env.NODE_ENV`; where it says nothing, as Rollup, whether NODE_ENV of the build is `production`.
   */
  readonly release?: boolean;
}

const PACKAGE = "land-telemetry";
const SCRIPT = /\.[cm]?[jt]sx?$/;
const TYPED = /\.(?:[cm]?tsx?|jsx)$/;

/**
 * Takes the calls of land-telemetry out of a release, with the names that were passed to them:
 * `releasePlugin.vite()`, `.rollup()`, `.webpack()`, `.esbuild()`. In Rollup it comes after the plugin that takes the
 * types away.
 */
export const releasePlugin = createUnplugin<ReleasePluginOptions | undefined>((options, meta) => {
  let release = options?.release ?? process.env["NODE_ENV"] === "production";
  let toJavaScript:
    ((code: string, file: string) => Promise<{ code: string; map: string }>) | undefined;
  const decide = (isProduction: boolean): void => {
    release = options?.release ?? isProduction;
  };
  if (meta.framework === "webpack") decide(meta.webpack.compiler.options.mode === "production");
  return {
    name: "land-telemetry:release",
    enforce: "post",
    transformInclude: (id) =>
      release && SCRIPT.test(fileOf(id)) && !/[\\/]node_modules[\\/]/.test(id),
    async transform(code, id) {
      if (!code.includes(PACKAGE)) return undefined;
      const file = fileOf(id);
      try {
        if (toJavaScript === undefined || !TYPED.test(file)) return takeOut(code, PACKAGE, file);
        const plain = await toJavaScript(code, file);
        const result = takeOut(plain.code, PACKAGE, file);
        return (
          result && {
            code: result.code,
            map: remapping([result.map as EncodedSourceMap, plain.map], () => null).toString(),
          }
        );
      } catch (error) {
        this.warn(
          `The telemetry stays in ${file}, which could not be read as JavaScript: ${String(error)}`,
        );
        return undefined;
      }
    },
    vite: { configResolved: ({ isProduction }) => decide(isProduction) },
    esbuild: {
      setup: ({ initialOptions, esbuild }) => {
        const { tsconfigRaw, jsx } = initialOptions;
        decide(isRelease(initialOptions) ?? release);
        // esbuild hands its plugins the source; Vite and webpack what their other loaders made of it.
        toJavaScript = async (code, sourcefile) => {
          const loader = sourcefile.endsWith("x")
            ? sourcefile.endsWith("tsx")
              ? "tsx"
              : "jsx"
            : "ts";
          return await esbuild.transform(code, {
            loader,
            sourcefile,
            sourcemap: "external",
            target: "esnext",
            ...(tsconfigRaw === undefined ? {} : { tsconfigRaw }),
            ...(jsx === undefined ? {} : { jsx }),
          });
        };
      },
    },
  };
});

/** What esbuild was told; for browsers it puts `production` in place of NODE_ENV when it minifies. */
function isRelease({
  conditions,
  define,
  platform = "browser",
  minify,
}: BuildOptions): boolean | undefined {
  if (conditions?.includes("production") === true) return true;
  const environment = define?.["process.env.NODE_ENV"];
  if (environment !== undefined) return /^(["'`])production\1$/.test(environment);
  return platform === "browser" && minify === true ? true : undefined;
}

function fileOf(id: string): string {
  return id.replace(/[?#].*$/, "");
}
