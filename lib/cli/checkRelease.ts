import { readFileSync, readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";

/** What no release may hold: names of vendors and packages, keys, paths of far ends, and Land's own names. */
const TRACES: readonly RegExp[] = [
  /posthog/i,
  /\bphc_\w/,
  /opentelemetry/i,
  /land-telemetry/,
  /\/v1\/traces/,
  /[}"'`]\/batch\/?["'`]/,
  /["'`]land:[\w:$-]+/,
];
const SCRIPT = /\.(?:[cm]?js|html|json)$/i;
const AROUND = 30;

/** A trace of telemetry in a release. */
export interface Finding {
  readonly file: string;
  /** The text with what stands around it. */
  readonly text: string;
}

/**
 * Looks through the files of a built release (scripts, pages and JSON, not source maps, not node_modules) for what
 * only telemetry leaves there. One finding for each file and kind.
 *
 * @throws Error when the directory cannot be read or holds no script, since that would pass for clean
 */
export function checkRelease(directory: string): readonly Finding[] {
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
      return [
        {
          file: relative(directory, file) || file,
          text: code
            .slice(Math.max(0, found.index - AROUND), found.index + found[0].length + AROUND)
            .replaceAll(/\s+/g, " "),
        },
      ];
    });
  });
}
