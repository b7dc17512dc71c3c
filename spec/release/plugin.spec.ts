import type { Bundler } from "./bundle";
import { BUNDLERS, bundle, makeApplication, stopBundling } from "./bundle";

const { directory, remove } = makeApplication("package");
afterAll(() => {
  stopBundling();
  remove();
});

const build = async (bundler: Bundler, entry: string): Promise<string> => (await bundle({ bundler, mode: "folding", entry, directory, plugin: true })).code;

describe.each(BUNDLERS)("the build plugin in %s", (bundler) => {
  it("leaves nothing of an application's telemetry", async () => {
    const app = await build(bundler, "app.mjs");
    const without = await build(bundler, "without.mjs");
    expect(app.length - without.length).toBe(0);
    expect(app).not.toMatch(/app:/);
  });
});
