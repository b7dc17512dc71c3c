import * as fs from "node:fs";
import { dirname, join } from "node:path";
import type { Configuration } from "../../config/Configuration.js";
import { makeDirectory } from "../../delivery/disk/makeDirectory.js";
import { stateRoot } from "../../delivery/disk/spoolOf.js";
import type { SpoolFolder } from "../spoolSummary.js";
import type { Finding } from "./report.js";

/** A copy of `@opentelemetry/api` on this disk. */
interface ApiCopy {
  readonly version: string;
  readonly directory: string;
}

const API = "@opentelemetry/api";
/** What the package's peer dependency says. */
const ACCEPTED = /^1\.(?:9|10)\./;
/** Packages inside packages inside packages: deeper ones are not looked for. */
const MAX_DEPTH = 4;
/** Folders of packages that are looked into, so that a huge tree does not take minutes. */
const MAX_FOLDERS = 20_000;
/** Above this share of its bound a spool is about to drop what is oldest. */
const NEARLY_FULL = 0.8;

/** What the copies of the API mean: two of different versions do not see each other's telemetry. */
export function examineApi(directory: string): readonly Finding[] {
  const copies = findApiCopies(directory);
  const versions = [...new Set(copies.map(({ version }) => version))];
  const finding = (
    code: string,
    level: Finding["level"],
    sentence: string,
    advice?: string,
  ): Finding => ({
    code: `api-${code}`,
    level,
    about: "api",
    sentence,
    ...(advice === undefined ? {} : { advice }),
  });
  if (copies.length === 0)
    return [
      finding(
        "missing",
        "problem",
        `${API} is not installed; without it nothing here can load.`,
        `npm install ${API}@1.9`,
      ),
    ];
  const findings: Finding[] = [];
  if (versions.length > 1)
    findings.push(
      finding(
        "versions",
        "problem",
        `There are ${versions.length} versions of ${API}: ${copies.map((copy) => `${copy.version} in ${copy.directory}`).join(", ")}. What one of them registers, another may not see.`,
        `Make it one with \`npm dedupe\`, or by an \`overrides\` entry for ${API}.`,
      ),
    );
  const unfit = versions.filter((version) => !ACCEPTED.test(version));
  if (unfit.length > 0)
    findings.push(
      finding(
        "unfit",
        "problem",
        `${API} ${unfit.join(", ")} is outside of what this package works with, 1.9 and 1.10.`,
        `npm install ${API}@1.9`,
      ),
    );
  if (findings.length > 0) return findings;
  return [
    copies.length === 1
      ? finding("one", "ok", `One copy of ${API}, ${versions.join()}.`)
      : finding(
          "copies",
          "note",
          `There are ${copies.length} copies of ${API}, all ${versions.join()}; they share one state.`,
          "`npm dedupe` makes them one.",
        ),
  ];
}

/** Whether the spool can be written, and what waits in it. */
export function examineSpool(
  configuration: Configuration,
  folders: readonly SpoolFolder[],
): readonly Finding[] {
  const { spool } = configuration;
  const root = stateRoot(configuration);
  if (spool === false || root === undefined) {
    return [
      {
        code: "spool-no-home",
        level: "problem",
        about: "spool",
        sentence:
          "There is no home directory to keep a spool in: what cannot be sent is lost with the process.",
        advice: "Set LAND_TELEMETRY_SPOOL to a directory.",
      },
    ];
  }
  const failure = tryWriting(root);
  if (failure !== undefined) {
    return [
      {
        code: "spool-unwritable",
        level: "problem",
        about: "spool",
        sentence: `${root} cannot be written (${failure}): what cannot be sent is lost with the process.`,
        advice:
          "Give this user the right to it, make room on the disk, or set LAND_TELEMETRY_SPOOL.",
      },
    ];
  }
  const findings: Finding[] = [];
  const damaged = folders.reduce((sum, folder) => sum + folder.damaged, 0);
  if (damaged > 0)
    findings.push({
      code: "spool-damaged",
      level: "note",
      about: "spool",
      sentence: `${damaged} lines in ${root} are torn or damaged; they are skipped and counted.`,
    });
  if (folders.some(({ bytes }) => bytes > spool.maxBytes * NEARLY_FULL)) {
    findings.push({
      code: "spool-full",
      level: "problem",
      about: "spool",
      sentence: `A spool in ${root} is nearly full (${spool.maxBytes} bytes): what is oldest and least urgent will be dropped.`,
      advice: "Find out why the endpoint does not answer, then `land-telemetry spool send`.",
    });
  }
  const items = folders.reduce((sum, folder) => sum + folder.items, 0);
  if (items === 0)
    findings.push({
      code: "spool-empty",
      level: "ok",
      about: "spool",
      sentence: `${root} can be written, and nothing waits in it.`,
    });
  else
    findings.push({
      code: "spool-waiting",
      level: "note",
      about: "spool",
      sentence: `${items} spans and events wait in ${root}.`,
      advice: "`land-telemetry spool list` tells which, `spool send` sends them.",
    });
  return findings;
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

/** Finds the copies that a program in a directory could load, itself or through its dependencies. */
function findApiCopies(directory: string): readonly ApiCopy[] {
  const found = new Map<string, ApiCopy>();
  const seen = new Set<string>();
  const visit = (modules: string, depth: number): void => {
    const real = attempt(() => fs.realpathSync(modules));
    if (real === undefined || depth > MAX_DEPTH || seen.has(real) || seen.size >= MAX_FOLDERS)
      return;
    seen.add(real);
    const api = attempt(() => fs.realpathSync(join(real, API)));
    const version = api === undefined ? undefined : versionOf(api);
    if (api !== undefined && version !== undefined) found.set(api, { version, directory: api });
    for (const name of packagesIn(real)) visit(join(real, name, "node_modules"), depth + 1);
  };
  for (let at = directory; ; at = dirname(at)) {
    visit(join(at, "node_modules"), 0);
    if (dirname(at) === at) return [...found.values()];
  }
}

function packagesIn(modules: string): readonly string[] {
  const names = attempt(() => fs.readdirSync(modules)) ?? [];
  return names.flatMap((name) =>
    name.startsWith("@")
      ? (attempt(() => fs.readdirSync(join(modules, name))) ?? []).map((inner) => join(name, inner))
      : name.startsWith(".") && name !== ".pnpm"
        ? []
        : [name],
  );
}

function versionOf(directory: string): string | undefined {
  return attempt(
    () =>
      (JSON.parse(fs.readFileSync(join(directory, "package.json"), "utf8")) as { version?: string })
        .version,
  );
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
