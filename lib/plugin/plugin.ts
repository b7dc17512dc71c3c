import type { EncodedSourceMap } from "@jridgewell/remapping";
import remapping from "@jridgewell/remapping";
import type { BuildOptions, PluginBuild } from "esbuild";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Compiler } from "webpack";
import { isScript, removeTelemetry } from "./removeTelemetry.js";

/** Options of the build plugin. */
export interface ReleasePluginOptions {
  /**
   * Whether this build is a release; in any other build the plugin does nothing. Default: what the bundler says, which
   * is webpack's mode, Vite's `isProduction`, or for esbuild `production` as one of its conditions or as what it
   * replaces `process.env.NODE_ENV` with. If it says nothing, as with Rollup: whether the build's own NODE_ENV is
   * `production`.
   */
  readonly release?: boolean;
}

/** The plugin object that Vite, Rollup and Rolldown accept. */
export interface RollupReleasePlugin {
  readonly name: string;
  readonly enforce: "post";
  configResolved(config: { readonly isProduction: boolean }): void;
  transform(
    this: { warn(message: string): void },
    code: string,
    id: string,
  ): { code: string; map: string } | undefined;
}

/**
 * Removes the calls of land-telemetry from a release, with the names passed to them: `releasePlugin.vite()`,
 * `.rollup()`, `.webpack()`, `.esbuild()`. With Rollup, place it after the plugin that strips the types.
 */
export const releasePlugin = {
  esbuild: forEsbuild,
  vite: forRollup,
  rollup: forRollup,
  rolldown: forRollup,
  webpack: forWebpack,
  rspack: forWebpack,
} as const;

const NAME = "land-telemetry:release";
const TYPED = /\.(?:[cm]?tsx?|jsx)$/;

function forRollup(options: ReleasePluginOptions = {}): RollupReleasePlugin {
  let release = options.release ?? process.env["NODE_ENV"] === "production";
  return {
    name: NAME,
    enforce: "post",
    configResolved({ isProduction }) {
      release = options.release ?? isProduction;
    },
    transform(code, id) {
      const file = id.replace(/[?#].*$/, "");
      if (!release || !isScript(file)) return undefined;
      const result = removeTelemetry(code, file, (problem) => this.warn(problem));
      return result && { code: result.code, map: result.map.toString() };
    },
  };
}

function forWebpack(options: ReleasePluginOptions = {}): { apply(compiler: object): void } {
  return {
    apply(compiler) {
      const { mode, module } = (compiler as Compiler).options;
      if (!(options.release ?? mode === "production")) return;
      // The build puts the loader next to this file.
      const loader = join(import.meta.dirname, "webpackLoader.cjs");
      module.rules.push({ enforce: "post", test: isScript, loader });
    },
  };
}

function forEsbuild(options: ReleasePluginOptions = {}): {
  name: string;
  setup(build: object): void;
} {
  return {
    name: NAME,
    setup(build) {
      const { initialOptions, esbuild } = build as PluginBuild;
      const { tsconfigRaw, jsx } = initialOptions;
      const release =
        options.release ?? isRelease(initialOptions) ?? process.env["NODE_ENV"] === "production";
      if (!release) return;

      /** esbuild passes its plugins the source; Vite and webpack pass theirs what other loaders have made of it. */
      const toJavaScript = async (
        source: string,
        file: string,
      ): Promise<{ code: string; map?: string }> => {
        const [typed] = TYPED.exec(file) ?? [];
        if (typed === undefined) return { code: source };
        return esbuild.transform(source, {
          loader: typed.endsWith("tsx") ? "tsx" : typed.endsWith("x") ? "jsx" : "ts",
          sourcefile: file,
          sourcemap: "external",
          target: "esnext",
          ...(tsconfigRaw === undefined ? {} : { tsconfigRaw }),
          ...(jsx === undefined ? {} : { jsx }),
        });
      };

      (build as PluginBuild).onLoad(
        { filter: /\.[cm]?[jt]sx?$/, namespace: "file" },
        async ({ path }) => {
          if (!isScript(path)) return undefined;
          const source = await readFile(path, "utf8");
          if (!source.includes("land-telemetry")) return undefined;
          const problems: string[] = [];
          try {
            const { code, map } = await toJavaScript(source, path);
            const result = removeTelemetry(code, path, (problem) => problems.push(problem));
            if (result === undefined) return { warnings: problems.map((text) => ({ text })) };
            const maps = [result.map as EncodedSourceMap, ...(map === undefined ? [] : [map])];
            const joined = remapping(maps, () => null).toString();
            const url = `data:application/json;base64,${Buffer.from(joined).toString("base64")}`;
            return { contents: `${result.code}\n//# sourceMappingURL=${url}`, loader: "js" };
          } catch {
            // esbuild itself reports what it cannot read.
            return undefined;
          }
        },
      );
    },
  };
}

/** What esbuild's options say. When it minifies for browsers, it replaces NODE_ENV with `production` by default. */
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
