import * as fs from "node:fs";
import { dirname, join } from "node:path";
import type { Finding } from "./Finding.js";

/** A copy of `@opentelemetry/api` on this disk. */
export interface ApiCopy {
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

/** Finds the copies that a program in a directory could load, itself or through its dependencies. */
export function findApiCopies(directory: string): readonly ApiCopy[] {
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

/** What the copies mean: two of different versions do not see each other's telemetry. */
export function examineApi(copies: readonly ApiCopy[]): readonly Finding[] {
  const [first] = copies;
  if (first === undefined) {
    return [
      {
        code: "api-missing",
        level: "problem",
        about: "api",
        sentence: `${API} is not installed; without it nothing here can load.`,
        advice: `npm install ${API}@1.9`,
      },
    ];
  }
  const versions = [...new Set(copies.map(({ version }) => version))];
  const findings: Finding[] = [];
  if (versions.length > 1) {
    findings.push({
      code: "api-versions",
      level: "problem",
      about: "api",
      sentence: `There are ${versions.length} versions of ${API}: ${copies.map(({ version, directory }) => `${version} in ${directory}`).join(", ")}. What one of them registers, another may not see.`,
      advice: `Make it one with \`npm dedupe\`, or by an \`overrides\` entry for ${API}.`,
    });
  }
  const unfit = versions.filter((version) => !ACCEPTED.test(version));
  if (unfit.length > 0) {
    findings.push({
      code: "api-unfit",
      level: "problem",
      about: "api",
      sentence: `${API} ${unfit.join(", ")} is outside of what this package works with, 1.9 and 1.10.`,
      advice: `npm install ${API}@1.9`,
    });
  }
  if (findings.length > 0) return findings;
  if (copies.length === 1)
    return [
      {
        code: "api-one",
        level: "ok",
        about: "api",
        sentence: `One copy of ${API}, ${first.version}.`,
      },
    ];
  return [
    {
      code: "api-copies",
      level: "note",
      about: "api",
      sentence: `There are ${copies.length} copies of ${API}, all ${first.version}; they share one state.`,
      advice: "`npm dedupe` makes them one.",
    },
  ];
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
