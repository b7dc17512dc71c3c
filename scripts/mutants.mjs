/**
 * `npm run mutants -- <folder>`: do the specifications notice? Breaks statements and expressions of lib/<folder>, one
 * at a time, chosen at random from a seed, and runs spec/<folder> against each, in a copy of the tree, so that work can
 * go on. Prints the survivors: there a specification is missing, or the code is superfluous. Fails if fewer than 90 %
 * were noticed. `--count=30`, `--seed=1`. A file of lib is named without its `.ts`. The inspector's page and `lib/web`
 * run in browsers, so `*.browser.ts` tests their mutants too, which needs Chromium and a build for each mutant.
 */
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const WANTED = 0.9;
/** Further specifications of a folder of lib: those of releases cover that the build plugin works in each bundler. */
const ALSO = { plugin: ["release/plugin"] };
/** A file of specifications that takes longer than this is run after the others. */
const SLOW_MS = 10_000;
/** Files that run in a browser, so that no Node process tests all of them. */
const PAGE = /^lib\/(?:web|inspector\/page)\//;
const OPPOSITES = new Map(
  "< <=,<= <,> >=,>= >,=== !==,!== ===,&& ||,|| &&".split(",").map((pair) => pair.split(" ")),
);

const option = (name, fallback) =>
  Number(process.argv.find((arg) => arg.startsWith(`--${name}=`))?.split("=")[1] ?? fallback);
const folder = process.argv.slice(2).find((arg) => !arg.startsWith("-"));
if (folder === undefined) throw new Error("Which folder of lib? npm run mutants -- <folder>");

/** The TypeScript files below a folder, or the one file of that name, always in the same order. */
function filesOf(path) {
  if (fs.existsSync(join(ROOT, `${path}.ts`))) return [`${path}.ts`];
  return fs
    .readdirSync(join(ROOT, path), { recursive: true, encoding: "utf8" })
    .filter((name) => /(?<!\.d)\.ts$/.test(name))
    .map((name) => `${path}/${name}`)
    .sort();
}

/** Every way in which one place of a file can be broken: where, and what replaces it. */
function mutantsOf(file) {
  const text = fs.readFileSync(join(ROOT, file), "utf8");
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const mutants = [];
  const add = (node, after, what) =>
    mutants.push({ file, text, from: node.getStart(), to: node.end, after, what });
  const negate = (node) => add(node, `!(${node.getText()})`, "condition");
  const visit = (node) => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    if (ts.isExpressionStatement(node) || ts.isThrowStatement(node)) add(node, ";", "statement");
    if (ts.isBreakOrContinueStatement(node) && ts.isBlock(node.parent)) add(node, ";", "statement");
    if (ts.isReturnStatement(node)) {
      if (node.expression === undefined) add(node, ";", "statement");
      // For true and false, the opposite is tried below.
      else if (!/^(true|false|undefined)$/.test(node.expression.getText()))
        add(node.expression, "undefined", "return value");
    }
    if (ts.isIfStatement(node) || ts.isWhileStatement(node)) negate(node.expression);
    if (ts.isConditionalExpression(node)) negate(node.condition);
    if (ts.isBinaryExpression(node)) {
      const { operatorToken } = node;
      const other = OPPOSITES.get(operatorToken.getText());
      if (other !== undefined) add(operatorToken, other, "operator");
    }
    const isKey = ts.isPropertyAssignment(node.parent ?? node) && node.parent.name === node;
    if (ts.isNumericLiteral(node) && !isKey) add(node, `(${node.getText()} + 1)`, "number");
    if (node.kind === ts.SyntaxKind.TrueKeyword) add(node, "false", "boolean");
    if (node.kind === ts.SyntaxKind.FalseKeyword) add(node, "true", "boolean");
    ts.forEachChild(node, visit);
  };
  visit(source);
  return mutants;
}

/** Chooses `count` mutants at random, the same ones for the same seed (mulberry32). */
function choose(mutants, count, seed) {
  let state = seed;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
  const left = [...mutants];
  return Array.from({ length: Math.min(count, left.length) }, () =>
    left.splice(Math.floor(random() * left.length), 1),
  ).flat();
}

/** Copies the tree as it is, committed or not, with a link to its node_modules. */
function copyTree() {
  const copy = fs.mkdtempSync(join(tmpdir(), "land-mutants-"));
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: ROOT });
  for (const name of new Set(listed.toString().trim().split("\n")))
    if (fs.existsSync(join(ROOT, name)) && fs.statSync(join(ROOT, name)).isFile())
      fs.cpSync(join(ROOT, name), join(copy, name));
  fs.symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"), "dir");
  return copy;
}

/** Whether a command ends with 0 within the limit; a mutant that makes it hang counts as noticed too. */
function succeeds(cwd, [command, ...args], limitMs) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, detached: true, stdio: "ignore" });
    const killAll = () => {
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // All the processes have ended.
      }
    };
    const timer = setTimeout(killAll, limitMs);
    child.on("exit", (code) => {
      clearTimeout(timer);
      // Ends the processes that a broken specification started and did not end.
      killAll();
      resolve(code === 0);
    });
  });
}

/** Whether a file of specifications is for a browser, in which only the built package is available. */
const isForBrowser = (file) => file.endsWith(".browser.ts");
const specs = [folder, ...(ALSO[folder] ?? [])]
  .flatMap((name) =>
    filesOf(`spec/${name}${fs.existsSync(join(ROOT, "spec", name)) ? "" : ".spec"}`),
  )
  .filter((file) => /\.(?:spec|browser)\.ts$/.test(file));
/** Specifications of the built package, which a mutant reaches only through a build. */
const ofBuild = specs.filter(
  (file) =>
    isForBrowser(file) ||
    /runApp|\bdist\b|makeApplication/.test(fs.readFileSync(join(ROOT, file), "utf8")),
);
const needsBuild = ofBuild.length > 0;
const mutants = choose(
  filesOf(`lib/${folder}`).flatMap(mutantsOf),
  option("count", 30),
  option("seed", 1),
);
const copy = copyTree();
const jest = (files) => {
  const config = files.some(isForBrowser) ? "jest.page.config.ts" : "jest.config.ts";
  return ["npx", "jest", "--bail", "--silent", "-c", config, "--runTestsByPath", ...files];
};
const build = ["npm", "run", "build", "--silent"];
const survivors = [];
try {
  if (needsBuild && !(await succeeds(copy, build, 300_000))) throw new Error("It does not build.");
  if (needsBuild) fs.cpSync(join(copy, "dist"), join(copy, "dist-unbroken"), { recursive: true });
  // The quick ones are run first, together: they notice most of the mutants.
  const quick = [];
  const slow = [];
  const tookMs = new Map();
  for (const spec of specs) {
    const began = performance.now();
    if (!(await succeeds(copy, jest([spec]), 900_000))) throw new Error(`${spec} fails as it is.`);
    const ms = performance.now() - began;
    tookMs.set(spec, ms);
    if (ms < SLOW_MS && !isForBrowser(spec)) quick.push(spec);
    else if (!ofBuild.includes(spec)) slow.push(spec);
  }
  const pass = async (files) => {
    const limitMs = files.reduce((sum, file) => sum + 3 * tookMs.get(file), 20_000);
    return files.length === 0 || succeeds(copy, jest(files), limitMs);
  };
  for (const { file, text, from, to, after, what } of mutants) {
    fs.writeFileSync(join(copy, file), text.slice(0, from) + after + text.slice(to));
    let noticed = !((await pass(quick)) && (await pass(slow)));
    if (!noticed && needsBuild) {
      // So far, specifications of the built package have seen the unbroken build, or have not run.
      const asked = ofBuild.filter((spec) => isForBrowser(spec) === PAGE.test(file));
      noticed = !((await succeeds(copy, build, 300_000)) && (await pass(asked)));
      fs.rmSync(join(copy, "dist"), { recursive: true, force: true });
      fs.cpSync(join(copy, "dist-unbroken"), join(copy, "dist"), { recursive: true });
    }
    fs.writeFileSync(join(copy, file), text);
    process.stdout.write(noticed ? "." : "!");
    const line = text.slice(0, from).split("\n").length;
    const change = `${text.slice(from, to)} → ${after}`.replaceAll(/\s+/g, " ");
    if (!noticed) survivors.push(`${file}:${line}  ${what}: ${change}`);
  }
} finally {
  fs.rmSync(copy, { recursive: true, force: true });
}
const noticed = mutants.length - survivors.length;
console.log(`\n${survivors.join("\n")}\n${noticed} of ${mutants.length} noticed in lib/${folder}`);
if (noticed < WANTED * mutants.length) process.exitCode = 1;
