import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkReleaseCommand } from "../../lib/cli/checkReleaseCommand";

let directory: string;
let said = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "land-check-"));
  said = "";
  writeFileSync(join(directory, "clean.js"), "work();");
  writeFileSync(join(directory, "left.js"), `span("land:cocoon:x");`);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));
const run = (...args: string[]): Promise<number> =>
  checkReleaseCommand(args, { directory, out: (text) => (said += text) });

it("prints what it found and where, and exits with 1", async () => {
  expect(await run("clean.js", ".")).toBe(1);
  expect(said).toBe(`.: left.js: …span("land:cocoon:x");…\nOne trace of telemetry found.\n`);
});

it("exits with 0 if it finds nothing", async () => {
  expect(await run("clean.js")).toBe(0);
  expect(said).toBe("No telemetry found in clean.js.\n");
});

it("prints its findings as JSON", async () => {
  expect(await run("--json", "left.js")).toBe(1);
  expect(JSON.parse(said)).toEqual({
    findings: [{ place: "left.js", file: expect.any(String), text: `span("land:cocoon:x");` }],
  });
});

it.each([
  [[], /which directory/],
  [["missing"], /ENOENT/],
  [["--strict", "."], /--strict/],
])("rejects the arguments %j", async (args, message) => {
  await expect(run(...args)).rejects.toThrow(message);
});

describe("in a directory", () => {
  let release: string;
  beforeEach(() => mkdirSync((release = join(directory, "release"))));

  it("ignores dependencies, and words that only resemble telemetry", async () => {
    writeFileSync(join(release, "app.js"), `console.log("island:1", "batch");`);
    mkdirSync(join(release, "node_modules/posthog-node"), { recursive: true });
    writeFileSync(join(release, "node_modules/posthog-node/index.js"), `"posthog"`);
    expect(await run("release")).toBe(0);
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
  ])("finds %s in a chunk", async (code) => {
    writeFileSync(join(release, "app.js"), "1");
    mkdirSync(join(release, "chunks"));
    writeFileSync(join(release, "chunks/a.mjs"), code);
    expect(await run("release", "--json")).toBe(1);
    expect(JSON.parse(said)).toMatchObject({ findings: [{ file: join("chunks", "a.mjs") }] });
  });

  it("ignores links that lead nowhere", async () => {
    writeFileSync(join(release, "app.js"), "1");
    symlinkSync(join(release, "gone.js"), join(release, "link.js"));
    expect(await run("release")).toBe(0);
  });

  it("refuses to call the directory clean if it holds no script", async () => {
    await expect(run("release")).rejects.toThrow("nothing was checked");
  });
});
