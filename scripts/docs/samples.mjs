/**
 * Every block marked `js` or `ts` is a program: its first line is a comment with its file name, and a `console` block
 * on the page is the command that runs it, with what that prints. A page's programs are written to one folder, in which
 * the package and its dependencies are installed, and each command is run there as written, with an empty home folder
 * and both pipes pointed at a receiver on this machine. A comment before a block adds what else is known:
 *
 *   <!-- not run: needs a database -->  there is no command; the file is only compiled
 *   <!-- needs: examples/vine.proto --> this file of the repository is copied next to it
 *   <!-- arrives: a span, an event -->  names that must have reached the receiver
 *   <!-- one trace: a span, another -->  the same, and in one trace
 *
 * In the output, ids, times and ports are not compared, and `…` matches anything.
 */
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { startInspector } from "land-telemetry/inspector";
import { isSample, ROOT } from "./pages.mjs";

/** A sample that takes longer than this, in ms, is taken to hang. */
const LIMIT_MS = 60_000;
/** Sends what a sample left in its spool: a natural end has 250 ms, which may be too short on a busy machine. */
const SEND_SPOOLED = `import { flush, register } from "land-telemetry"; register("common"); await flush(10_000);`;
const NAME = /^\/\/ (\S+\.mjs|\S+\.mts)$/;
/** A property that only a narrower type has. Plain JavaScript reads it anyway; running it shows whether it exists. */
const OF_TYPES_ALONE = "error TS2339:";
const VARYING = [
  [/\b[0-9a-f]{32}\b|\b[0-9a-f]{16}\b/g, "<id>"],
  [/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>"],
  [/\b\d+(?:\.\d+)? (ms|s)\b/g, "<n> $1"],
  [/\b(127\.0\.0\.1|localhost):\d+/g, "$1:<port>"],
  // The inspector's usual port may be in use on this machine.
  [/^Port \d+ is in use; using another one\.\n/gm, ""],
];

/** Compiles and runs the samples of the pages. Returns the problems, as sentences, and how many samples there were. */
export async function checkSamples(pages) {
  const folder = fs.mkdtempSync(join(tmpdir(), "land-samples-"));
  try {
    install(folder);
    const samples = pages.flatMap((page) => samplesOf(page, folder));
    const problems = samples.flatMap(({ problem = [] }) => problem);
    if (problems.length === 0) samples.forEach(write);
    if (problems.length === 0) problems.push(...compile(samples, folder));
    const runnable = samples.filter(({ command }) => command !== undefined);
    if (problems.length === 0) for (const sample of runnable) problems.push(...(await run(sample)));
    return { problems, compiled: samples.length, ran: runnable.length };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Makes a project in which the package is installed as in any other, with all its development dependencies. */
function install(folder) {
  const modules = join(folder, "node_modules");
  fs.mkdirSync(modules);
  for (const name of fs.readdirSync(join(ROOT, "node_modules")))
    fs.symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  fs.symlinkSync(ROOT, join(modules, "land-telemetry"));
  fs.rmSync(join(modules, ".bin"));
  fs.mkdirSync(join(modules, ".bin"));
  for (const name of fs.readdirSync(join(ROOT, "node_modules/.bin")))
    fs.symlinkSync(join(ROOT, "node_modules/.bin", name), join(modules, ".bin", name));
  const { bin } = JSON.parse(fs.readFileSync(join(ROOT, "package.json"), "utf8"));
  for (const [name, file] of Object.entries(bin)) {
    fs.chmodSync(join(ROOT, file), 0o755);
    fs.symlinkSync(join(ROOT, file), join(modules, ".bin", name));
  }
}

function samplesOf(page, root) {
  const folder = join(root, page.name.replaceAll(/[^\w]+/g, "-"));
  const samples = page.blocks.flatMap((block) => {
    if (!isSample(block.language)) return [];
    const where = `${page.name}:${block.line}`;
    const name = NAME.exec(block.lines[0])?.[1];
    if (name === undefined)
      return [{ problem: `${where}: its first line does not name its file, as in "// app.mjs"` }];
    if (name.endsWith(".mts") !== (block.language === "ts"))
      return [{ problem: `${where}: ${name} is not ${block.language}` }];
    const { directives, lines } = block;
    const code = `${lines.join("\n")}\n`;
    const program = name.replace(/\.mts$/, ".mjs");
    const { command, prints } = commandFor(program, page) ?? {};
    return [
      { where, folder, name, program, file: join(folder, name), code, directives, command, prints },
    ];
  });
  const text = (sample) =>
    samples
      .filter((other) => other !== sample)
      .map(({ code }) => code)
      .join("");
  for (const sample of samples) {
    if (
      sample.problem !== undefined ||
      sample.command !== undefined ||
      "not run" in sample.directives
    )
      continue;
    if (!text(sample).includes(sample.program) && !shells(page).includes(sample.program))
      sample.problem = `${sample.where}: no command runs ${sample.name}`;
  }
  return samples;
}

/** The command on a page that runs a program, and the output shown below it. */
function commandFor(program, { blocks }) {
  for (const { language, lines } of blocks) {
    const [first = "", ...prints] = lines;
    if (language === "console" && first.startsWith("$ ") && first.endsWith(` ${program}`))
      return { command: first.slice(2), prints: prints.join("\n") };
  }
  return undefined;
}

function shells({ blocks }) {
  return blocks.flatMap(({ language, lines }) => (language === "sh" ? lines : [])).join("\n");
}

function write({ folder, file, code, directives }) {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(join(folder, "package.json"), "{}\n");
  fs.writeFileSync(file, code);
  const { needs } = directives;
  if (needs !== undefined) fs.copyFileSync(join(ROOT, needs), join(folder, basename(needs)));
}

/** TypeScript's errors: all of them for a `.mts`, and for a `.mjs` those that do not depend on types alone. */
function compile(samples, folder) {
  const common = {
    module: "nodenext",
    target: "es2023",
    skipLibCheck: true,
    noEmit: true,
    types: ["node"],
  };
  const kinds = {
    mts: { ...common, strict: true, exactOptionalPropertyTypes: true },
    mjs: { ...common, allowJs: true, checkJs: true, strict: false },
  };
  return Object.entries(kinds).flatMap(([kind, compilerOptions]) => {
    const files = samples.map(({ file }) => file).filter((file) => file.endsWith(`.${kind}`));
    const config = join(folder, `tsconfig.${kind}.json`);
    fs.writeFileSync(config, JSON.stringify({ compilerOptions, files }));
    try {
      execFileSync(
        process.execPath,
        [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", config, "--pretty", "false"],
        { cwd: folder, encoding: "utf8" },
      );
      return [];
    } catch ({ stdout }) {
      const name = (line) =>
        samples.reduce(
          (text, { file, where }) =>
            text.replace(file.slice(folder.length + 1), `${where} (block)`),
          line,
        );
      return stdout
        .trim()
        .split("\n")
        .filter((line) => kind === "mts" || (!line.includes(OF_TYPES_ALONE) && /^\S/.test(line)))
        .map(name);
    }
  });
}

async function run(sample) {
  const inspector = await startInspector();
  const home = fs.mkdtempSync(join(tmpdir(), "land-docs-"));
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    // npm would ask the registry for updates and print what it finds.
    NPM_CONFIG_UPDATE_NOTIFIER: "false",
    OTEL_LOG_LEVEL: "warn",
    Capture: "true",
    Report: "true",
    Emit: "true",
    Authorize: "phc_sample",
    Brand: "sample",
    Pipe: inspector.url,
    Beam: inspector.url,
  };
  const execute = (command, args) => spawned(command, args, { cwd: sample.folder, env });
  try {
    // The inspector's own messages go to standard error, and a reader sees both.
    const isInspected = sample.command.includes("land-telemetry inspect");
    const line = isInspected ? `${sample.command} 2>&1` : sample.command;
    const { code, stdout, stderr } = await execute("/bin/sh", ["-c", line]);
    const problems = [];
    if (code !== 0 || stderr !== "") problems.push(`ends with ${code}: ${stderr}${stdout}`);
    if (!matches(stdout, sample.prints))
      problems.push(`prints\n${stdout}and not\n${sample.prints}`);
    // That inspector ended with its program; run the program again for the receiver of this check.
    if (isInspected) await execute(process.execPath, [sample.program]);
    const together = namesOf(sample.directives["one trace"]);
    const expected = [...namesOf(sample.directives.arrives), ...together];
    const missing = () => expected.filter((name) => !received(inspector).has(name));
    if (missing().length > 0)
      await execute(process.execPath, ["--input-type=module", "-e", SEND_SPOOLED]);
    if (missing().length > 0)
      problems.push(
        `${missing().join(", ")} did not arrive, but ${[...received(inspector)].join(", ")}`,
      );
    else if (
      together.length > 0 &&
      !inspector.traces().some((trace) => together.every((name) => hasSpan(trace, name)))
    )
      problems.push(`no trace has all of ${together.join(", ")}`);
    return problems.map((problem) => `${sample.where}: ${problem}`);
  } finally {
    await inspector.close();
    fs.rmSync(home, { recursive: true, force: true });
  }
}

function spawned(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...options,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: LIMIT_MS,
    });
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"])
      child[name].setEncoding("utf8").on("data", (text) => (output[name] += text));
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code: code ?? signal, ...output }));
  });
}

function namesOf(list = "") {
  return list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

function hasSpan({ spans }, wanted) {
  return spans.some(({ name }) => name === wanted);
}

function received(inspector) {
  return new Set([
    ...inspector.traces().flatMap(({ spans }) => spans.map(({ name }) => name)),
    ...inspector.events().map(({ event }) => event),
  ]);
}

function matches(text, pattern) {
  const source = normalised(pattern)
    .split("…")
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join("[^]*?");
  return new RegExp(`^${source}$`).test(normalised(text));
}

function normalised(text) {
  return VARYING.reduce((kept, [what, name]) => kept.replaceAll(what, name), text.trim());
}
