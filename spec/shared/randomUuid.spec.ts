import { buildSync } from "esbuild";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { randomUuid } from "../../lib/shared/randomUuid";

const FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A process of its own, so that its pool is empty and node:crypto is not loaded. */
function inAnotherProcess(script: string): string {
  return execFileSync(process.execPath, ["-e", `${code}\nconst { randomUuid } = made; ${script}`], {
    encoding: "utf8",
  });
}
const [built] = buildSync({
  entryPoints: [join(__dirname, "../../lib/shared/randomUuid.ts")],
  bundle: true,
  platform: "node",
  format: "iife",
  globalName: "made",
  write: false,
}).outputFiles;
const code = built?.text ?? "";

describe("randomUuid", () => {
  it("gives version 4 UUIDs, none twice, over several pools", () => {
    const given = Array.from({ length: 1_000 }, randomUuid);
    expect(given.filter((uuid) => !FORM.test(uuid))).toEqual([]);
    expect(new Set(given).size).toBe(given.length);
  });

  it("has random bits in every place that is not fixed", () => {
    const digits = Array.from({ length: 36 }, () => new Set<string>());
    for (let i = 0; i < 500; i++)
      Array.from(randomUuid()).forEach((digit, at) => digits[at]?.add(digit));
    const sizes = digits.map(({ size }) => size);
    // Hyphens and the version are one digit, the variant four.
    expect(sizes).toEqual([
      ...Array<number>(8).fill(16),
      1,
      16,
      16,
      16,
      16,
      1,
      1,
      16,
      16,
      16,
      1,
      4,
      16,
      16,
      16,
      1,
      ...Array<number>(12).fill(16),
    ]);
  });

  (process.platform === "win32" ? it.skip : it)(
    "does without node:crypto where the system gives random bytes",
    () => {
      expect(
        inAnotherProcess(
          "process.getBuiltinModule = () => { throw new Error('loaded'); }; console.log(randomUuid())",
        ).trim(),
      ).toMatch(FORM);
    },
  );

  it("does not ask the system again from within, where reading a file makes spans with ids of their own", () => {
    const script = `const fs = require("node:fs"); const real = fs.openSync; let opened = 0; fs.openSync = (...args) => { opened++; made.randomUuid(); return real(...args); }; const id = randomUuid(); console.log(JSON.stringify({ opened, id }));`;
    const { opened, id } = JSON.parse(inAnotherProcess(script)) as { opened: number; id: string };
    expect(opened).toBe(1);
    expect(id).toMatch(FORM);
  });

  it.each([
    ["is not there", "fs.openSync = () => { throw new Error('none'); };"],
    ["is a file", `fs.fstatSync = () => fs.lstatSync(${JSON.stringify(__filename)});`],
    ["gives too little", "fs.readSync = () => 3;"],
  ])("asks node:crypto when the source %s", (_, sabotage) => {
    expect(fs.existsSync(__filename)).toBe(true);
    const script = `const fs = require("node:fs"); ${sabotage} let asked = 0; const real = process.getBuiltinModule; process.getBuiltinModule = (name) => { asked++; return real(name); }; const two = [randomUuid(), randomUuid()]; console.log(JSON.stringify({ asked, two }));`;
    const { asked, two } = JSON.parse(inAnotherProcess(script)) as { asked: number; two: string[] };
    // Once for a whole pool.
    expect(asked).toBe(1);
    expect(two[0]).toMatch(FORM);
    expect(two[0]).not.toBe(two[1]);
  });
});
