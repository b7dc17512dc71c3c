import { checkReleaseCommand } from "../../lib/cli/checkReleaseCommand";
import { BUNDLERS, bundle, makeApplication, stopBundling } from "./bundle";

const { directory, remove } = makeApplication("package");
afterAll(() => {
  stopBundling();
  remove();
});

async function check(place: string): Promise<{ code: number; said: string }> {
  let said = "";
  const code = await checkReleaseCommand([place], { directory, out: (text) => (said += text) });
  return { code, said };
}

describe.each(BUNDLERS)("check-release on the output of %s", (bundler) => {
  it.each([
    ["by the production condition", { mode: "condition" }],
    ["by folding NODE_ENV", { mode: "folding" }],
    ["with the build plugin, not minified", { mode: "folding", plugin: true, minify: false }],
  ] as const)("passes a release %s", async (_, options) => {
    const { output } = await bundle({ bundler, entry: "app.mjs", directory, ...options });
    expect(await check(output)).toEqual({
      code: 0,
      said: `No telemetry found in ${output}.\n`,
    });
  });

  it("fails a development build and says where", async () => {
    const { output, files } = await bundle({
      bundler,
      mode: "development",
      entry: "app.mjs",
      directory,
    });
    const { code, said } = await check(output);
    expect(code).toBe(1);
    expect(Object.keys(files).some((file) => said.includes(`${file}: …`))).toBe(true);
    expect(said).toMatch(/opentelemetry/);
  });
});

// Rollup removes such a call by itself.
it.each(["esbuild", "vite", "webpack"] as const)(
  "check-release fails a release by %s that still contains the names of its spans",
  async (bundler) => {
    const { output } = await bundle({
      bundler,
      mode: "folding",
      entry: "send.mjs",
      directory,
      minify: false,
    });
    const { code, said } = await check(output);
    expect(code).toBe(1);
    expect(said).toMatch(/land:cocoon:bundled/);
  },
);
