import { createRedactor } from "../../lib/redaction/createRedactor.js";
import { Text } from "../../lib/redaction/Text.js";

const redactor = createRedactor(
  { maxValueLength: Infinity, applicationRoot: "/opt/land/cocoon" },
  { home: "/home/jane.quist", user: "jane.quist" },
);

/** What hostile text repeats: every sign that begins, continues or ends a match. */
const UNITS = [
  "a",
  "a ",
  "/",
  "\\",
  "/a",
  "/a ",
  " /a/b",
  "(/a",
  "/home/",
  "/home/jane.quist",
  "/home/jane.quist ",
  "/opt/land/cocoon/",
  "/opt/land/cocoon ",
  " /opt/land/cocoon/a b/",
  "'/a/b ",
  '"/a/b',
  "'",
  '"',
  '\\"',
  "@",
  "a@",
  "a@b",
  "a@b.",
  "a@b.c",
  "%",
  "%2F",
  "%40",
  "%252F",
  "%3A%2F%2F",
  "?",
  "?a",
  "?a=",
  "#",
  "http://",
  "http://a:b",
  "http://a:b@",
  "https://a:b/c?d#e",
  "a://",
  "file:///",
  "file:///a ",
  "\\\\a\\b",
  "C:\\",
  "C:\\a ",
  "~/",
  "1Q~",
  "sk-",
  "sk-a",
  "ghp_",
  "eyJ",
  "eyJ.",
  "xoxb-",
  "AKIA",
  "AAA",
  "1:AA",
  "MTA",
  "MTAxMTAxMTAxMTAxMTAxMTA.",
  "-us1",
  "=",
  ":",
  "password=",
  "password: ",
  "password='",
  "token: a1",
  "authorization: ",
  "cookie: a",
  "authorization: digest ",
  "Bearer ",
  "bearer a1",
  "basic ",
  "data:",
  "data:;base64,",
  "-----BEGIN ",
  "-----BEGIN PRIVATE KEY-----",
  "jane.quist",
  "jane",
  "\n    at /a/b",
  "\n    at (/a:1",
  " at (/a",
  "\n",
  "key-",
  "SKa",
  "1//0",
  "/../",
  "ä/",
  "/ä b",
  "/My A",
  "/a b c d e f g h ",
  '{"a":"/b/c"},',
  "%3D",
  "%3Fa%3D",
  "%253D",
  "%25252525",
  "password%3D",
  "password%253Da",
  "token%3D",
  "token=",
  "token%3Da%26",
  "%22password%22%3A%22",
  "https%3A%2F%2Fa%3Ab",
  "https%3A%2F%2Fa%3Ab%40",
  "%23a",
  "http://a#%3",
  "%7E%2F",
  "data%3A",
  "BEGIN%20",
  "\\n",
  "\\u001b",
  "\\u001b[31m",
  "\u001b[31m",
  "[1;1;1;",
  "\\n/a",
  "--password ",
  "--token a ",
  "--",
  "-I/",
  "~a/",
  "~a",
  "$HOME",
  "$HOME/",
  "%USERPROFILE%\\",
  "AKIAABCDEFGHIJKLMNOP",
  "AKIAABCDEFGHIJKLMNOP ",
  "\u65e0",
  "\u65e0/",
  "\u65e0a",
  "<",
  "</",
  'set-cookie: ["',
  "password:['",
  "signature=",
  "authorization: hawk ",
  "mfa.",
  "xkeysib-",
  "v1.",
  "wsl$",
  "//wsl$/",
  "webpack:///",
  "a+b://",
];
const PREFIXES = ["", "    at ", "http://a/", "'/", "/", "password='"];

/** The characters that a run reads: every way to read or copy one is counted, searches by how far they went. */
function steps(text: string): number {
  const prototype = String.prototype;
  const { charCodeAt, charAt, indexOf, slice } = prototype;
  const searched = Text.prototype;
  const { at, unitAt } = searched;
  const { of } = Text;
  let count = 0;
  prototype.charCodeAt = function (this: string, index: number) {
    count++;
    return charCodeAt.call(this, index);
  };
  prototype.charAt = function (this: string, index: number) {
    count++;
    return charAt.call(this, index);
  };
  prototype.indexOf = function (this: string, search: string, from = 0) {
    const found = indexOf.call(this, search, from);
    count += (found === -1 ? this.length : found) - from;
    return found;
  };
  prototype.slice = function (this: string, from?: number, to?: number) {
    const part = slice.call(this, from, to);
    // What is copied into the output is a part of another text, not read again.
    count += Math.min(part.length, 256);
    return part;
  };
  searched.at = function (this: Text, index: number) {
    count++;
    return at.call(this, index);
  };
  searched.unitAt = function (this: Text, index: number) {
    count++;
    return unitAt.call(this, index);
  };
  Text.of = (source: string) => {
    count += source.length;
    return of.call(Text, source);
  };
  try {
    redactor.text(text);
  } finally {
    for (const [name, value] of Object.entries({ charCodeAt, charAt, indexOf, slice }))
      Object.defineProperty(prototype, name, { value, enumerable: false });
    Object.assign(searched, { at, unitAt });
    Text.of = of;
  }
  return count;
}

const SIZE = 8_192;
const SMALL = 1_024;
/** Linear growth gives the first or a little more, quadratic growth its square. */
const GROWTH = 16;
const MAX_RATIO = 24;
const fill = (prefix: string, unit: string, size: number): string =>
  (prefix + unit.repeat(Math.ceil(size / unit.length))).slice(0, size);

describe("the cost of redaction", () => {
  it.each(PREFIXES)("grows with the length and no faster, behind %j", (prefix) => {
    const faster = UNITS.map((unit) => ({
      unit,
      ratio: steps(fill(prefix, unit, GROWTH * SMALL)) / steps(fill(prefix, unit, SMALL)),
    })).filter(({ ratio }) => ratio > MAX_RATIO);
    expect(faster).toEqual([]);
  });

  it.each(PREFIXES)("stays below a few dozen steps for each character, behind %j", (prefix) => {
    const dear = UNITS.map((unit) => ({
      unit,
      each: steps(fill(prefix, unit, SIZE)) / SIZE,
    })).filter(({ each }) => each > 60);
    expect(dear).toEqual([]);
  });

  it("is counted wherever a character is read: a path is copied once, and each of its characters looked at", () => {
    expect(steps(fill("", "/a", SMALL))).toBeGreaterThan(2 * SMALL);
    expect(steps(fill("", "a ", SMALL))).toBeGreaterThanOrEqual(SMALL);
  });

  it("would be seen if it grew with the square: the count itself is checked", () => {
    const quadratic = (text: string): void => {
      for (let from = 0; from < text.length; from++) text.indexOf("never", from);
    };
    const prototype = String.prototype;
    const { indexOf } = prototype;
    let count = 0;
    prototype.indexOf = function (this: string, search: string, from = 0) {
      count += this.length - from;
      return indexOf.call(this, search, from);
    };
    quadratic("a".repeat(100));
    const small = count;
    quadratic("a".repeat(400));
    Object.defineProperty(prototype, "indexOf", { value: indexOf, enumerable: false });
    expect((count - small) / small).toBeGreaterThan(10);
  });
});
