import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import type { Half } from "./random.js";
import { halfOf, pick, randomOf } from "./random.js";

/** A line of real text, and where it is from. */
export interface Line {
  readonly from: string;
  readonly text: string;
}

const ROOT = join(__dirname, "../../..");
/** The number of lines from each kind of file; a seed chooses the files and lines. */
const KINDS: Readonly<Record<string, number>> = {
  ".js": 4_500,
  ".cjs": 1_500,
  ".mjs": 2_000,
  ".d.ts": 2_500,
  ".ts": 1_500,
  ".md": 3_500,
  ".json": 2_500,
  ".css": 600,
  ".html": 300,
  ".yml": 300,
  ".proto": 400,
  ".txt": 400,
  ".c": 100,
  ".h": 200,
  ".py": 300,
};
const LINES_OF_ONE_FILE = 25;
const MAX_FILE = 600_000;
/** The part of a line that a log would hold. */
const MAX_LINE = 2_000;

function* files(directory: string): Iterable<string> {
  for (const entry of readdirSync(directory, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (entry.isFile()) yield path;
  }
}

/** Lines from what is installed: sources, declarations, documents, packages, styles. */
function installed(half: Half): Line[] {
  const byKind = new Map<string, string[]>(Object.keys(KINDS).map((kind) => [kind, []]));
  for (const path of files(join(ROOT, "node_modules"))) {
    const kind = Object.keys(KINDS)
      .sort((a, b) => b.length - a.length)
      .find((ending) => path.endsWith(ending));
    const name = path
      .slice(ROOT.length + 1)
      .split(sep)
      .join("/");
    if (kind !== undefined && halfOf(name) === half) byKind.get(kind)?.push(path);
  }
  return [...byKind].flatMap(([kind, paths]) => {
    const random = randomOf(`${half} ${kind}`);
    const lines: Line[] = [];
    const wanted = (KINDS[kind] ?? 0) / 2;
    for (let tries = 0; lines.length < wanted && tries < 20 * wanted && paths.length > 0; tries++) {
      const path = pick(paths, random);
      if (statSync(path).size > MAX_FILE) continue;
      const all = readFileSync(path, "utf8")
        .split("\n")
        .filter((line) => line.trim() !== "");
      for (let count = 0; count < Math.min(LINES_OF_ONE_FILE, all.length / 2); count++)
        lines.push({
          from: path.slice(ROOT.length + 1),
          text: pick(all, random).slice(0, MAX_LINE),
        });
    }
    return lines.slice(0, wanted);
  });
}

/** The programs whose output on this machine is used. */
const COMMANDS: readonly (readonly [command: string, args: readonly string[]])[] = [
  ["git", ["log", "--stat", "-n", "60", "--format=%H %h %ad %s%n%b"]],
  ["git", ["status"]],
  ["git", ["diff", "--stat", "HEAD~5"]],
  ["git", ["help", "log"]],
  ["git", ["ls-files", "-s"]],
  ["npm", ["help", "--long"]],
  ["npm", ["ls", "--all", "--parseable=false"]],
  ["npx", ["tsc", "--help", "--all"]],
  [
    "npx",
    [
      "tsc",
      "--noEmit",
      "--strict",
      "--target",
      "es5",
      "--lib",
      "es5",
      "lib/shared/isObject.ts",
      "lib/redaction/trusted.ts",
    ],
  ],
  ["npx", ["jest", "--help"]],
  ["npx", ["jest", "--version"]],
  ["npx", ["eslint", "--help"]],
  ["npx", ["esbuild", "--help"]],
  ["npx", ["prettier", "--help"]],
  ["node", ["--help"]],
  ["node", ["--v8-options"]],
  ["node", ["-p", "process.versions"]],
  ["node", ["-e", "null.x"]],
  ["node", ["-e", "new Promise((_, no) => no(new TypeError('x is not a function')))"]],
  ["node", ["--input-type=module", "-e", "import './missing.js'"]],
  [
    "node",
    ["--trace-gc", "-e", "for (let i = 0; i < 2e5; i++) globalThis.a = [i, globalThis.a?.[0]]"],
  ],
  ["node", ["--prof-process", "--help"]],
];

function printed(half: Half): Line[] {
  return COMMANDS.flatMap(([command, args]) => {
    const from = [command, ...args].join(" ").slice(0, 60);
    return outputOf(command, args)
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((text, index) => ({ from, text: text.slice(0, MAX_LINE), index }))
      .filter(({ index }) => halfOf(`${from} ${index}`) === half)
      .slice(0, 500);
  });
}

/** Standard output, along with standard error if the program fails; nothing if there is no such program. */
function outputOf(command: string, args: readonly string[]): string {
  try {
    return execFileSync(command, args, {
      cwd: ROOT,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      maxBuffer: 1e8,
    });
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string };
    return `${stdout ?? ""}\n${stderr ?? ""}`;
  }
}

const LSP_METHODS =
  "textDocument/hover textDocument/didChange textDocument/completion workspace/didChangeConfiguration $/progress window/logMessage textDocument/publishDiagnostics".split(
    " ",
  );
const CRATES = "std core alloc tokio serde hyper tonic tracing mountain common echo".split(" ");
const MODULES =
  "collections runtime task sync io ipc option result handler transport scheduler worker".split(
    " ",
  );
const TYPES =
  "HashMap Arc Option Result Handler Waker Error Formatter Receiver Token Session".split(" ");

/** Editor traffic, Rust paths, ids, hashes, dates and counts, generated from a seed. */
function made(half: Half): Line[] {
  const random = randomOf(`made ${half}`);
  const hex = (length: number): string =>
    Array.from({ length }, () => pick(Array.from("0123456789abcdef"), random)).join("");
  const number = (most: number): number => Math.floor(random() * most);
  const makers: readonly (() => string)[] = [
    () =>
      JSON.stringify({
        jsonrpc: "2.0",
        id: number(5_000),
        method: pick(LSP_METHODS, random),
        params: {
          position: { line: number(900), character: number(99) },
          context: { triggerKind: number(3) + 1 },
          version: number(99),
        },
      }),
    () => `Content-Length: ${number(9_000)}\r`,
    () =>
      `   ${number(60)}: ${pick(CRATES, random)}::${pick(MODULES, random)}::${pick(TYPES, random)}<T>::poll::h${hex(16)}`,
    () =>
      `             at src/${pick(MODULES, random)}/${pick(MODULES, random)}.rs:${number(900)}:${number(80)}`,
    () => `commit ${hex(40)}`,
    () => `etag: W/"${hex(4)}-${hex(27)}"`,
    () => `sha256:${hex(64)}  ${pick(MODULES, random)}.tar.gz`,
    () => `trace_id=${hex(32)} span_id=${hex(16)} flags=01`,
    () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)} accepted in ${number(900)} ms`,
    () =>
      `${new Date(1.7e12 + number(1e10)).toISOString()} [info] ${pick(MODULES, random)} took ${number(999)}.${number(9)} ms`,
    () => `Tests:       ${number(9)} failed, ${number(900)} passed, ${number(999)} total`,
    () =>
      `[${number(99)}/${number(99)}] Compiling ${pick(CRATES, random)} v${number(9)}.${number(20)}.${number(9)}`,
    () => `cache key ${pick(MODULES, random)}-key-${hex(32)} hit`,
    () => `GET /users/${number(999)}/items/${number(99)} 200 ${number(90)}ms`,
    () => `user@${number(2_000)}.service: Main process exited, code=exited, status=${number(9)}`,
    () => `<img src="logo@${number(3) + 1}x.png" width="${number(99)}">`,
    () =>
      `npm warn deprecated ${pick(MODULES, random)}@${number(9)}.${number(9)}.${number(9)}: no longer supported`,
  ];
  return Array.from({ length: 1_000 }, () => ({ from: "made", text: pick(makers, random)() }));
}

/** One half of the corpus. It is not stored, but taken from what the machine has, chosen by a seed. */
export function harmlessLines(half: Half): Line[] {
  return [...installed(half), ...printed(half), ...made(half)];
}

/**
 * What a changed line must contain for the change to be right: a personal address, an absolute path, a query, a key,
 * a token or a value for the name of a secret. The patterns are simple, and independent of the rules.
 */
const RIGHT: readonly RegExp[] = [
  /[\w.+-]+@[\w-]+\.(?:com|org|net|de|io|dev|me|edu|gov|co|uk|fr|jp|cn|ru|nl|it|at|ch|se|no|be|ca|au|in|us|info|name|email|xyz|tech|sh|tv|pro|cz|pl|br|nz|fi|dk|es|pt|eu|id|la|ai|app|ms|fm|im|is|ac)\b/i,
  /(?:^|[\s"'`(=:[<!])(?:\/(?:path\/to|home|usr|etc|tmp|var|opt|root|mnt|Users|dev|proc|bin|lib|srv|sys|work|www|private|Applications|Library|System|Volumes)\/|~\/|[A-Za-z]:[\\/]{1,2}\w|\\\\\w|file:\/\/|\$HOME\/)/,
  /<[\w.+-]+@[\w.-]+\.[a-z]{2,}>|\b(?:cwd|dir|directory|root|path|file)\w*["']?\s*[:=]\s*["'`]\//i,
  /[?&#][\w.[\]-]+=[^\s"'`=]|:\/\/[^\s"'`]+\?\w/,
  /\/\/[^\s/"'`]*@/,
  /eyJ[\w-]{10,}|BEGIN [A-Z ]*PRIVATE KEY|data:[\w/+.;=-]+;base64,/,
  /(?:password|passwd|secret|api[_-]?key|authorization|cookie|credential)\w*["'`]?\s*(?::|=>?|,)\s*["'`](?!\s)[^"'`\s]{3,}["'`]/i,
  /(?:bearer|basic)\s+[\w+/=.-]{8,}/i,
];

/** Whether a line contains something that should not leave, independently of the rules. */
export function hasSomething(text: string): boolean {
  // The location of this checkout is an absolute path too, whatever its first directory is called.
  return text.includes(ROOT) || RIGHT.some((pattern) => pattern.test(text));
}
