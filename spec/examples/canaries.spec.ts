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
  /** What may not come out: the canaries, the path of the workspace and the home directory. */
  let secrets: readonly Planted[];

  // Inside the repository, so that what is planted finds the package by its own name.
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
      // It says that more came than it expected, since more was planted.
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
    "leave nothing at the receiver, in the recording and in the spool",
    async () => {
      expect(await run("")).toMatch(/reading a missing file gave ENOENT/);
      expect(text("planted").trim().split("\n").sort()).toEqual(TIERS);
      const received = text("received");
      for (const tier of TIERS) expect(received).toContain(`land-editor-${tier}`);
      // Every text is in one place of each tier, and in the four together in all.
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
    "leave nothing in the spool when nobody listens",
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
