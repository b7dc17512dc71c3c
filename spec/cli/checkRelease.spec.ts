import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkRelease } from "../../lib/cli/checkRelease";

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "land-check-"))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

it("finds nothing in a clean release, whatever its dependencies are called", () => {
  writeFileSync(join(directory, "app.js"), `console.log("island:1", "batch");`);
  mkdirSync(join(directory, "node_modules/posthog-node"), { recursive: true });
  writeFileSync(join(directory, "node_modules/posthog-node/index.js"), `"posthog"`);
  expect(checkRelease(directory)).toEqual([]);
});

it.each([
  `import "@opentelemetry/api"`,
  `const key = "phc_abc"`,
  `post("/batch/")`,
  `url + "/v1/traces"`,
  `span("land:cocoon:x")`,
  `client.capture(PostHog)`,
  "span(`land:${tier}:error`)",
  "post(`${host}/batch/`)",
])("finds %s, in a chunk too", (code) => {
  writeFileSync(join(directory, "app.js"), "1");
  mkdirSync(join(directory, "chunks"));
  writeFileSync(join(directory, "chunks/a.mjs"), code);
  expect(checkRelease(directory)).toMatchObject([{ file: join("chunks", "a.mjs") }]);
});

it("looks past links that lead nowhere", () => {
  writeFileSync(join(directory, "app.js"), "1");
  symlinkSync(join(directory, "gone.js"), join(directory, "link.js"));
  expect(checkRelease(directory)).toEqual([]);
});

it("refuses to call a directory clean that holds no script", () => {
  expect(() => checkRelease(directory)).toThrow("nothing was checked");
});
