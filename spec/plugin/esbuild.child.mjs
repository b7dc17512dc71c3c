/** Runs one esbuild build with the build plugin and the options in its argument; prints the code and warnings. */
import { build } from "esbuild";
import plugin from "../../dist/plugin.cjs";

const { outputFiles, warnings } = await build({
  bundle: true,
  write: false,
  format: "esm",
  logLevel: "silent",
  packages: "external",
  plugins: [plugin.releasePlugin.esbuild()],
  ...JSON.parse(process.argv[2]),
});
const code = outputFiles.map(({ text }) => text).join("\n");
console.log(JSON.stringify({ code, warnings: warnings.map(({ text }) => text) }));
