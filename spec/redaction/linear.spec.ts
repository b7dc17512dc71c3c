import { createRedactor } from "../../lib/redaction/createRedactor.js";
import { COMMANDS } from "../../lib/redaction/tables/forms.js";
import { NAMES } from "../../lib/redaction/tables/names.js";
import { TOKENS } from "../../lib/redaction/tables/tokens.js";

const redactor = createRedactor(
  { maxValueLength: Infinity, applicationRoot: "/opt/land/cocoon" },
  { home: "/home/jane.quist", user: "jane.quist" },
);

/** What hostile text repeats: every sign that begins, continues or ends a find; the beginnings of the tables; encodings in encodings. */
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
/** Linear growth gives the growth of the length, quadratic growth its square, 64. */
const MAX_RATIO = 32;
/** Less than this is too little to be compared, in ms. */
const LEAST_MS = 4;
const ATTEMPTS = 5;

function fill(prefix: string, unit: string, size: number): string {
  return (prefix + unit.repeat(Math.ceil(size / unit.length))).slice(0, size);
}

/** What a text costs: the time of this process alone, the least of a few. */
function cost(text: string): number {
  const before = process.cpuUsage();
  const began = performance.now();
  redactor.text(text);
  const wall = performance.now() - began;
  const { user, system } = process.cpuUsage(before);
  return Math.min(wall, (user + system) / 1_000);
}

/** Whether the cost grows faster than the text, each time that it is looked at. */
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
    "grows with the length and no faster, behind %j",
    (prefix) => {
      for (const unit of UNITS) redactor.text(unit.repeat(20));
      expect(UNITS.filter((unit) => isFaster(prefix, unit))).toEqual([]);
    },
    120_000,
  );

  it("does not stay higher after hostile text", () => {
    const plain = "land:cocoon:handler took 12 ms for textDocument/hover\n".repeat(2_000);
    const costs = (): number => Math.min(...Array.from({ length: 20 }, () => cost(plain)));
    const before = costs();
    for (const unit of UNITS) redactor.text(fill("", unit, SIZE));
    expect(costs()).toBeLessThan(2 * before + LEAST_MS);
  }, 60_000);

  it("a text of a megabyte of anything ends", () => {
    for (const unit of UNITS.slice(0, 60))
      expect(typeof redactor.text(fill("", unit, 1 << 20))).toBe("string");
  }, 120_000);
});
