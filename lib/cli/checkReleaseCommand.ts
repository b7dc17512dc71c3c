import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { checkRelease } from "./checkRelease.js";
import type { Terminal } from "./Command.js";
import { ExitCode, UsageError } from "./Command.js";

/**
 * `land-telemetry check-release <directory or file> …`: says what of telemetry a built release holds. Resolves to
 * {@link ExitCode.Problem} when it found something, so that a build that runs it fails; rejects when there is nothing
 * that it could have looked at.
 */
// eslint-disable-next-line @typescript-eslint/require-await -- a command answers with a promise, also when it throws
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
    checkRelease(resolve(directory, place)).map((finding) => ({ ...finding, place })),
  );
  if (values.json) out(`${JSON.stringify({ findings }, undefined, 2)}\n`);
  else {
    for (const { place, file, text } of findings)
      out(`${place === file ? "" : `${place}: `}${file}: …${text}…\n`);
    out(
      findings.length === 0
        ? `Nothing of telemetry is in ${positionals.join(", ")}.\n`
        : `${findings.length === 1 ? "One trace" : `${findings.length} traces`} of telemetry found.\n`,
    );
  }
  return findings.length === 0 ? ExitCode.Fine : ExitCode.Problem;
}
