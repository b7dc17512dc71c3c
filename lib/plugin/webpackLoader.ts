import type { EncodedSourceMap } from "@jridgewell/remapping";
import remapping from "@jridgewell/remapping";
import type { LoaderContext, LoaderDefinitionFunction } from "webpack";
import { removeTelemetry } from "./removeTelemetry.js";

type Map = Parameters<LoaderDefinitionFunction>[1];

/** The loader that the plugin adds; it has a file of its own because webpack finds loaders by their files. */
function webpackLoader(this: LoaderContext<unknown>, code: string, map?: Map): void {
  const report = (problem: string): void => this.emitWarning(new Error(problem));
  const result = removeTelemetry(code, this.resourcePath, report);
  if (result === undefined) {
    this.callback(null, code, map);
    return;
  }
  const maps = [result.map, ...(map ? [map] : [])] as EncodedSourceMap[];
  this.callback(null, result.code, remapping(maps, () => null) as never);
}

export { webpackLoader as default };
