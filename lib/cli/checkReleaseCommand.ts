import { readFileSync, readdirSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Terminal } from "./Command.js";
import { ExitCode, UsageError } from "./Command.js";

/** What no release may contain: names of vendors and packages, keys, endpoint paths and Land's own names. */
const TRACES: readonly RegExp[] = [
  /posthog/i,
  /\bphc_\w/,
  /opentelemetry/i,
  /land[-_]telemetry/i,
  /\/v1\/traces/,
  /[}"'`]\/batch\/?["'`]/,
  /["'`]land:[\w:$-]+/,
];
const SCRIPT = /\.(?:[cm]?js|html|json)$/i;
/** How many characters are shown before and after a finding. */
const AROUND = 30;

/**
 * `land-telemetry check-release <directory or file> …`: reports the telemetry in a built release. Resolves to
 * {@link ExitCode.Problem} when it finds any, so that a build that runs it fails; rejects if there is nothing to check.
 */
// eslint-disable-next-line @typescript-eslint/require-await -- a command returns a promise, even when it throws
export async function checkReleaseCommand(
  args: readonly string[],
  { directory, out }: Pick<Terminal, "directory" | "out">,
): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: "boolean", default: false } },
  });
  if (positionals.length === 0)
    throw new UsageError("Say which directory or file to look through.");
  const findings = positionals.flatMap((place) =>
    findTraces(resolve(directory, place)).map((trace) => ({ ...trace, place })),
  );
  if (values.json) out(`${JSON.stringify({ findings }, undefined, 2)}\n`);
  else {
    for (const { place, file, text } of findings)
      out(`${place === file ? "" : `${place}: `}${file}: …${text}…\n`);
    out(
      findings.length === 0
        ? `No telemetry found in ${positionals.join(", ")}.\n`
        : `${findings.length === 1 ? "One trace" : `${findings.length} traces`} of telemetry found.\n`,
    );
  }
  return findings.length === 0 ? ExitCode.Fine : ExitCode.Problem;
}

/**
 * Searches scripts, pages and JSON, but neither source maps nor node_modules. Returns one finding for each file and
 * pattern, with the text around it.
 *
 * @throws Error when the directory cannot be read or contains no script, since that would otherwise look clean
 */
function findTraces(directory: string): { readonly file: string; readonly text: string }[] {
  const names = statSync(directory).isDirectory()
    ? readdirSync(directory, { recursive: true, encoding: "utf8" })
    : [""];
  const files = names
    .filter((name) => !/(?:^|[\\/])node_modules[\\/]/.test(name))
    .map((name) => join(directory, name))
    .filter(
      (file) => SCRIPT.test(file) && statSync(file, { throwIfNoEntry: false })?.isFile() === true,
    );
  if (!files.some((file) => /\.[cm]?js$/.test(file)))
    throw new Error(`There is no script in ${directory}: nothing was checked.`);
  return files.flatMap((file) => {
    const code = readFileSync(file, "utf8");
    return TRACES.flatMap((trace) => {
      const found = trace.exec(code);
      if (found === null) return [];
      const text = code.slice(
        Math.max(0, found.index - AROUND),
        found.index + found[0].length + AROUND,
      );
      return [{ file: relative(directory, file) || file, text: text.replaceAll(/\s+/g, " ") }];
    });
  });
}
