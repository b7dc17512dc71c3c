import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { checkRelease } from "./checkRelease.js";
import type { Terminal } from "./Command.js";
import { ExitCode, UsageError } from "./Command.js";

/** `land-telemetry check-release <directory>`: proves that a built release holds no telemetry. */
export function checkReleaseCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: { json: { type: "boolean", default: false } } });
  const [directory, extra] = positionals;
  if (directory === undefined || extra !== undefined) throw new UsageError("One directory is needed, that of the built release.");
  const findings = checkRelease(resolve(terminal.directory, directory));
  if (values.json) terminal.out(`${JSON.stringify({ findings })}\n`);
  else if (findings.length === 0) terminal.out(`${directory} holds no telemetry.\n`);
  else terminal.out(findings.map(({ file, text }) => `${file}: …${text}…\n`).join(""));
  return Promise.resolve(findings.length === 0 ? ExitCode.Fine : ExitCode.Problem);
}
