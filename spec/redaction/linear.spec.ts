import { createRedactor } from "../../lib/redaction/createRedactor.js";
import { COMMANDS } from "../../lib/redaction/tables/forms.js";
import { NAMES } from "../../lib/redaction/tables/names.js";
import { TOKENS } from "../../lib/redaction/tables/tokens.js";

const redactor = createRedactor(
  { maxValueLength: Infinity, applicationRoot: "/opt/land/cocoon" },
  { home: "/home/jane.quist", user: "jane.quist" },
);

/** What hostile text repeats: signs that begin, continue or end a find, beginnings in the tables, nested encodings. */
const UNITS = [
  ...Array.from("a/\\@%?#=:~-.'\"` \n,;&|<>()[]{}$\u0000\u00e4\u65e0\ud800"),
  ..."/a,/a ,(/a,'/a/b ,\"/a/b,/home/,/home/jane.quist ,/opt/land/cocoon/,/opt/land/cocoon/..,a@,a@b,a@b.,%2F,%252F,%25252525".split(
    ",",
  ),
  ..."http://,http://a:b,http://a:b@,http://a#,http://a?,://,file:///a ,\\\\aa\\bb,//aa/bb/cc ,C:\\a ,/c:/,~/,~a,1Q~,a|,-----BEGIN PRIVATE KEY-----".split(
    ",",
  ),
  ...'password=,password: ,password:[,password:[\',password=\'\',password=\\",("password", ,<password>,name="password" ,token=a1;,a,a=,--password a,-u a:'.split(
    ",",
  ),
  ..."authorization: ,authorization: digest ,cookie: a,Bearer ,bearer a1,data:;base64,,jane.quist,\n    at (/a,\\n,\\u001b[31m,\u001b[31m,&quot;,a=%2B+,\\\\u005c".split(
    ",",
  ),
  "\r\n\r\n",
  ...[TOKENS, COMMANDS].flatMap((table) =>
    table.flatMap(([, beginnings]) =>
      beginnings.split(" ").flatMap((beginning) => [beginning, `${beginning}a1 `]),
    ),
  ),
  ...NAMES.flatMap(([, names]) => names.split(" ")).map((name) => `${name}=`),
].filter((unit) => unit !== "");
const PREFIXES = ["", "    at ", '\\"/', "password='"];
const SIZE = 4_096;
const GROWTH = 8;
/** A linear cost grows by GROWTH, a quadratic one by its square, 64. */
const MAX_RATIO = 32;
/** A cost below this, in ms, is too small to compare. */
const LEAST_MS = 4;
const ATTEMPTS = 5;

function fill(prefix: string, unit: string, size: number): string {
  return (prefix + unit.repeat(Math.ceil(size / unit.length))).slice(0, size);
}

/** The cost of redacting a text, in ms: its wall time or this process's CPU time, whichever is less. */
function cost(text: string): number {
  const before = process.cpuUsage();
  const began = performance.now();
  redactor.text(text);
  const wall = performance.now() - began;
  const { user, system } = process.cpuUsage(before);
  return Math.min(wall, (user + system) / 1_000);
}

/** Whether the cost grows faster than the text in every attempt. */
function isFaster(prefix: string, unit: string): boolean {
  const [small, large] = [SIZE, GROWTH * SIZE].map((size) => fill(prefix, unit, size));
  let least = Infinity;
  let base = Infinity;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    least = Math.min(least, cost(large ?? ""));
    if (least < LEAST_MS) return false;
    base = Math.min(base, cost(small ?? ""));
    if (least < MAX_RATIO * base) return false;
  }
  return true;
}

describe("the cost of redaction", () => {
  it.each(PREFIXES)(
    "grows no faster than the length of the text, after %j",
    (prefix) => {
      for (const unit of UNITS) redactor.text(unit.repeat(20));
      expect(UNITS.filter((unit) => isFaster(prefix, unit))).toEqual([]);
    },
    120_000,
  );

  it("does not stay raised after hostile text", () => {
    const plain = "land:cocoon:handler took 12 ms for textDocument/hover\n".repeat(2_000);
    const costs = (): number => Math.min(...Array.from({ length: 20 }, () => cost(plain)));
    const before = costs();
    for (const unit of UNITS) redactor.text(fill("", unit, SIZE));
    expect(costs()).toBeLessThan(2 * before + LEAST_MS);
  }, 60_000);

  it("is finite for a megabyte of hostile text", () => {
    for (const unit of UNITS.slice(0, 60))
      expect(typeof redactor.text(fill("", unit, 1 << 20))).toBe("string");
  }, 120_000);
});
