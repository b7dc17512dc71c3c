import type { Plugin as EsbuildPlugin } from "esbuild";
import type { Plugin as RolldownPlugin } from "rolldown";
import type { Plugin as RollupPlugin } from "rollup";
import type { Plugin as VitePlugin } from "vite";
import type { WebpackPluginInstance } from "webpack";
import type { releasePlugin } from "../../lib/plugin/plugin.js";

/** Compiles only if each bundler accepts the plugin made for it. */
interface Plugins {
  readonly esbuild: EsbuildPlugin;
  readonly vite: VitePlugin;
  readonly rollup: RollupPlugin;
  readonly rolldown: RolldownPlugin;
  readonly webpack: WebpackPluginInstance;
}

export type Made = {
  [Bundler in keyof Plugins]: ReturnType<(typeof releasePlugin)[Bundler]> extends Plugins[Bundler]
    ? true
    : never;
};
export const MADE: Made = {
  esbuild: true,
  vite: true,
  rollup: true,
  rolldown: true,
  webpack: true,
};
