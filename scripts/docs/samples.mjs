/**
 * Every block marked `ts` is a program: it is compiled against the built types, and run in a process of its own, with
 * an empty home and both pipes towards a receiver on this machine. A comment before the block says what else is known of it:
 *
 *   <!-- file: child.mts -->           it has this name, for other blocks of the page, and is not run by itself
 *   <!-- runs -->                      it is, all the same
 *   <!-- not run: needs a database -->  it is only compiled
 *   <!-- arrives: a span, an event -->  names that must have reached the receiver
 *
 * A `text` block after `<!-- prints -->` is what the block before it prints, or that of `<!-- prints: child.mts -->`; `…` in it
 * stands for anything.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transform } from "esbuild";
import { startInspector } from "land-telemetry/inspector";
import { ROOT } from "./pages.mjs";

const FOLDER = join(ROOT, ".cache/docs");
const LANGUAGES = new Set(["ts", "mts", "js", "mjs"]);
/** A sample that takes longer than this, in ms, hangs. */
const LIMIT_MS = 60_000;
/** What a sample left in its spool is sent by this one: a natural end has 250 ms, which a busy machine may need. */
const SEND_SPOOLED = `import { flush, register } from "land-telemetry"; register("common"); await flush(10_000);`;

/** Compiles and runs the samples of the pages. Returns what is wrong, as sentences, and how many there were. */
export async function checkSamples(pages) {
  rmSync(FOLDER, { recursive: true, force: true });
  const samples = pages.flatMap(samplesOf);
  for (const sample of samples) await write(sample);
  const problems = compile(samples);
  if (problems.length > 0) return { problems, compiled: samples.length, ran: 0 };
  const runnable = samples.filter(
    ({ directives }) =>
      (!("file" in directives) || "runs" in directives) && !("not run" in directives),
  );
  for (const sample of runnable) problems.push(...(await run(sample)));
  return { problems, compiled: samples.length, ran: runnable.length };
}

function samplesOf(page) {
  const folder = join(FOLDER, page.name.replaceAll(/[^\w]+/g, "-"));
  return page.blocks.flatMap((block, index) => {
    if (!LANGUAGES.has(block.language)) return [];
    const name = block.directives.file ?? `line-${block.line}.mts`;
    const output = page.blocks.find(({ directives }, other) =>
      directives.prints === "" ? other === index + 1 : directives.prints === name,
    );
    const prints = output?.lines.join("\n");
    return [
      {
        where: `${page.name}:${block.line}`,
        folder,
        file: join(folder, name),
        code: block.lines.join("\n"),
        directives: block.directives,
        prints,
      },
    ];
  });
}

async function write(sample) {
  mkdirSync(sample.folder, { recursive: true });
  // A block without imports is a module too.
  writeFileSync(sample.file, `${sample.code}\nexport {};\n`);
  const { code } = await transform(sample.code, { loader: "ts", format: "esm", target: "node20" });
  writeFileSync(programOf(sample), code);
}

function programOf({ file }) {
  return file.replace(/\.mts$/, ".mjs");
}

function compile(samples) {
  const options = {
    module: "nodenext",
    moduleResolution: "nodenext",
    target: "es2023",
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    noEmit: true,
    types: ["node"],
  };
  const config = join(FOLDER, "tsconfig.json");
  writeFileSync(
    config,
    JSON.stringify({ compilerOptions: options, files: samples.map(({ file }) => file) }),
  );
  try {
    execFileSync(
      process.execPath,
      [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", config, "--pretty", "false"],
      { cwd: ROOT, encoding: "utf8" },
    );
    return [];
  } catch ({ stdout }) {
    const places = new Map(samples.map(({ file, where }) => [file, where]));
    const name = (line) =>
      [...places].reduce(
        (text, [file, where]) => text.replace(file.slice(ROOT.length + 1), `${where} (block)`),
        line,
      );
    return stdout.trim().split("\n").map(name);
  }
}

async function run(sample) {
  const inspector = await startInspector();
  const home = mkdtempSync(join(tmpdir(), "land-docs-"));
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    OTEL_LOG_LEVEL: "warn",
    Capture: "true",
    Report: "true",
    Emit: "true",
    Authorize: "phc_sample",
    Brand: "sample",
    Pipe: inspector.url,
    Beam: inspector.url,
  };
  try {
    const { code, stdout, stderr } = await execute([programOf(sample)], env);
    const problems = [];
    if (code !== 0 || stderr !== "") problems.push(`ends with ${code}: ${stderr}${stdout}`);
    if (sample.prints !== undefined && !matches(stdout, sample.prints))
      problems.push(`prints\n${stdout}and not\n${sample.prints}`);
    const missing = () =>
      namesOf(sample.directives.arrives).filter((name) => !received(inspector).has(name));
    if (missing().length > 0) await execute(["--input-type=module", "-e", SEND_SPOOLED], env);
    if (missing().length > 0)
      problems.push(
        `${missing().join(", ")} did not arrive, but ${[...received(inspector)].join(", ")}`,
      );
    return problems.map((problem) => `${sample.where}: ${problem}`);
  } finally {
    await inspector.close();
    rmSync(home, { recursive: true, force: true });
  }
}

function execute(args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      env,
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

function received(inspector) {
  return new Set([
    ...inspector.traces().flatMap(({ spans }) => spans.map(({ name }) => name)),
    ...inspector.events().map(({ event }) => event),
  ]);
}

function matches(text, pattern) {
  const source = pattern
    .trim()
    .split("…")
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join("[^]*?");
  return new RegExp(`^${source}$`).test(text.trim());
}
