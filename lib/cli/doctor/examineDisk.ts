import * as fs from "node:fs";
import { dirname, join } from "node:path";
import type { Configuration } from "../../config/Configuration.js";
import { makeDirectory, stateRoot } from "../../delivery/disk/spoolPaths.js";
import type { SpoolFolder } from "../spoolSummary.js";
import { inWords, PIPES } from "../spoolSummary.js";
import type { Findings } from "./report.js";

const API = "@opentelemetry/api";
/** The versions that this package's peer dependency allows. */
const ACCEPTED = /^1\.(?:9|10)\./;
/** How deep to search `node_modules` folders inside each other. */
const MAX_DEPTH = 4;
/** Maximum number of `node_modules` folders to search, so that a huge tree does not take minutes. */
const MAX_FOLDERS = 20_000;
/** Above this share of its size limit, a spool is about to drop its oldest records. */
const NEARLY_FULL = 0.8;

/** Checks the copies of the API that a program in `directory` could load: two versions may not share telemetry. */
export function examineApi(directory: string, findings: Findings): void {
  const copies = findApiCopies(directory);
  const versions = [...new Set(copies.values())];
  const unfit = versions.filter((version) => !ACCEPTED.test(version));
  if (copies.size === 0)
    findings.problem(
      "api-missing",
      `${API} is not installed; without it nothing here can load.`,
      `npm install ${API}@1.9`,
    );
  if (versions.length > 1)
    findings.problem(
      "api-versions",
      `There are ${versions.length} versions of ${API}: ${[...copies].map(([folder, version]) => `${version} in ${folder}`).join(", ")}. What one of them registers, another may not see.`,
      `Deduplicate it with \`npm dedupe\`, or with an \`overrides\` entry for ${API}.`,
    );
  if (unfit.length > 0)
    findings.problem(
      "api-unfit",
      `${API} ${unfit.join(", ")} is outside of what this package works with, 1.9 and 1.10.`,
      `npm install ${API}@1.9`,
    );
  if (versions.length !== 1 || unfit.length > 0) return;
  if (copies.size === 1) findings.ok("api-one", `One copy of ${API}, ${versions.join()}.`);
  else
    findings.note(
      "api-copies",
      `There are ${copies.size} copies of ${API}, all ${versions.join()}; they share one state.`,
      "`npm dedupe` makes them one.",
    );
}

/**
 * Checks whether the spool can be written, and what waits in it.
 *
 * @param isSending Whether anything is sent; if not, no folder is created for the write test.
 */
export function examineSpool(
  configuration: Configuration,
  folders: readonly SpoolFolder[],
  findings: Findings,
  isSending: boolean,
): void {
  const { spool } = configuration;
  const root = stateRoot(configuration);
  if (spool === false || root === undefined) {
    findings.problem(
      "spool-no-home",
      "There is no home directory to keep a spool in: what cannot be sent is lost with the process.",
      "Set LAND_TELEMETRY_SPOOL to a directory.",
    );
    return;
  }
  const failure = tryWriting(isSending ? root : existing(root));
  if (failure !== undefined) {
    findings.problem(
      "spool-unwritable",
      `${root} cannot be written (${failure}): what cannot be sent is lost with the process.`,
      "Give this user the right to it, make room on the disk, or set LAND_TELEMETRY_SPOOL.",
    );
    return;
  }
  const damaged = folders.reduce((sum, folder) => sum + folder.damaged, 0);
  const waiting = PIPES.flatMap((pipe) => {
    const ofPipe = folders.filter((folder) => folder.pipe === pipe);
    const items = ofPipe.reduce((sum, folder) => sum + folder.items, 0);
    return items === 0 ? [] : [{ items, text: inWords(pipe, items) }];
  });
  if (damaged > 0)
    findings.note(
      "spool-damaged",
      `${damaged} lines in ${root} are torn or damaged; they are skipped and counted.`,
    );
  if (folders.some(({ bytes }) => bytes > spool.maxBytes * NEARLY_FULL))
    findings.problem(
      "spool-full",
      `A spool in ${root} is nearly full (${spool.maxBytes} bytes): what is oldest and least urgent will be dropped.`,
      "Find out why the endpoint does not answer, then `land-telemetry spool send`.",
    );
  if (waiting.length === 0)
    findings.ok("spool-empty", `${root} can be written, and nothing waits in it.`);
  else
    findings.note(
      "spool-waiting",
      `${waiting.map(({ text }) => text).join(" and ")} ${waiting.length === 1 && waiting[0]?.items === 1 ? "waits" : "wait"} in ${root}.`,
      "`land-telemetry spool list` tells since when and whether for the endpoints below; `spool send` sends those.",
    );
}

/** The folder, or its nearest existing ancestor. */
function existing(folder: string): string {
  const above = dirname(folder);
  return above === folder || fs.existsSync(folder) ? folder : existing(above);
}

function tryWriting(root: string): string | undefined {
  const file = join(root, `.doctor-${process.pid}`);
  try {
    makeDirectory(root);
    fs.writeFileSync(file, "", { mode: 0o600 });
    fs.rmSync(file);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

/** The version of each copy, by folder, that a program in `directory` or one of its dependencies could load. */
function findApiCopies(directory: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const seen = new Set<string>();
  const visit = (modules: string, depth: number): void => {
    const real = attempt(() => fs.realpathSync(modules));
    if (real === undefined || depth > MAX_DEPTH || seen.has(real) || seen.size >= MAX_FOLDERS)
      return;
    seen.add(real);
    attempt(() => {
      const manifest = fs.readFileSync(join(real, API, "package.json"), "utf8");
      const { version } = JSON.parse(manifest) as { readonly version?: string };
      if (version !== undefined) found.set(fs.realpathSync(join(real, API)), version);
    });
    for (const name of packagesIn(real)) visit(join(real, name, "node_modules"), depth + 1);
  };
  for (let at = directory; ; at = dirname(at)) {
    visit(join(at, "node_modules"), 0);
    if (dirname(at) === at) return found;
  }
}

function packagesIn(modules: string): readonly string[] {
  const list = (folder: string): string[] => attempt(() => fs.readdirSync(folder)) ?? [];
  return list(modules).flatMap((name) => {
    if (name.startsWith("@")) return list(join(modules, name)).map((inner) => join(name, inner));
    return name.startsWith(".") && name !== ".pnpm" ? [] : [name];
  });
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
