import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { canaries } from "../redaction/corpus/canaries.js";
import type { Planted } from "../support/leaks.js";
import { leaks } from "../support/leaks.js";

const root = process.cwd();
const TIERS = ["air", "cocoon", "mountain", "sky"];
const LIMIT_MS = 120_000;
const planted = canaries();

function filesUnder(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => join(directory, name))
    .filter((file) => statSync(file).isFile());
}

describe("canaries in the tiers example", () => {
  let folder: string;
  let home: string;
  /** What must not leak: the canaries, the path of the workspace and the home directory. */
  let secrets: readonly Planted[];

  // Inside the repository, so that the planted program finds the package by its name.
  beforeEach(() => {
    mkdirSync(join(root, ".cache"), { recursive: true });
    folder = mkdtempSync(join(root, ".cache", "canaries-"));
    cpSync(join(root, "spec/examples/canaries/plant.mjs"), join(folder, "plant.mjs"));
    writeFileSync(join(folder, "texts.json"), JSON.stringify(planted.map(({ text }) => text)));
    home = join(folder, "home/jane.quist");
    mkdirSync(home, { recursive: true });
    secrets = [
      ...planted,
      { kind: "workspace", secrets: [root] },
      { kind: "home", secrets: [home] },
    ];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const run = (query: string): Promise<string> =>
    new Promise((resolve) => {
      const env = { PATH: process.env["PATH"] ?? "", HOME: home };
      const file = `${pathToFileURL(join(folder, "plant.mjs")).href}${query}`;
      // The example fails because more arrives than it expects, since more was planted.
      execFile(
        process.execPath,
        ["--import", file, "examples/tiers/main.mjs"],
        { cwd: root, env },
        (_error, stdout) => resolve(stdout),
      );
    });
  const text = (name: string): string =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "";

  it(
    "do not leak to the receiver, the recording or the spool",
    async () => {
      expect(await run("")).toMatch(/reading a missing file gave ENOENT/);
      expect(text("planted").trim().split("\n").sort()).toEqual(TIERS);
      const received = text("received");
      for (const tier of TIERS) expect(received).toContain(`land-editor-${tier}`);
      // Each text is planted in one place per tier, and thus in every place over the four tiers.
      expect(received.split('"name":"planted').length).toBeGreaterThan(4 * planted.length);
      expect(received.split('"event":"land:planted:event"').length).toBeGreaterThan(planted.length);
      expect(leaks(received, secrets)).toEqual([]);
      const files = filesUnder(home);
      expect(files.some((file) => file.includes("recordings"))).toBe(true);
      expect(leaks(files.map((file) => readFileSync(file, "utf8")).join("\n"), secrets)).toEqual(
        [],
      );
    },
    LIMIT_MS,
  );

  it(
    "do not leak into the spool if nobody listens",
    async () => {
      await run("?offline");
      expect(text("planted").trim().split("\n").sort()).toEqual(TIERS);
      const spooled = filesUnder(home).filter((file) => !file.includes("recordings"));
      const bytes = spooled.map((file) => readFileSync(file, "utf8")).join("\n");
      expect(bytes.length).toBeGreaterThan(100_000);
      expect(leaks(bytes, secrets)).toEqual([]);
    },
    LIMIT_MS,
  );
});
