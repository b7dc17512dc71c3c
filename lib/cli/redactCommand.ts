import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { readConfiguration } from "../config/readConfiguration.js";
import { createRedactor } from "../redaction/createRedactor.js";
import { rulesTable } from "../redaction/tables/rules.js";
import { localUser } from "../resource/identity.js";
import { Tier } from "../resource/Tier.js";
import type { Terminal } from "./Command.js";
import { ExitCode, UsageError } from "./Command.js";

/** `land-telemetry redact [file]`: prints a text as it would be sent but untruncated, or what was redacted and why. */
export async function redactCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      explain: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      rules: { type: "boolean", default: false },
    },
  });
  const [file, extra] = positionals;
  if (extra !== undefined) throw new UsageError(`Unexpected argument ${JSON.stringify(extra)}.`);
  if (values.rules) {
    terminal.out(`${rulesTable()}\n`);
    return ExitCode.Fine;
  }
  const source =
    file === undefined
      ? await text(process.stdin)
      : readFileSync(resolve(terminal.directory, file), "utf8");
  const { privacy } = readConfiguration(Tier.Sidecar, terminal.environment);
  // Paths in this directory count as the application's own. There is no length limit: the file is shown whole.
  const redactor = createRedactor(
    { applicationRoot: terminal.directory, ...privacy, maxValueLength: Infinity },
    localUser(terminal.environment),
  );
  const redacted = redactor.text(source);
  const finds = redactor.explain(source).map(({ start, end, rule, label }) => {
    const before = source.slice(0, start).split("\n");
    const column = (before.at(-1)?.length ?? 0) + 1;
    return { line: before.length, column, rule, value: source.slice(start, end), label };
  });
  if (values.json) terminal.out(`${JSON.stringify({ text: redacted, finds }, null, 2)}\n`);
  else if (values.explain)
    for (const { line, column, rule, value, label } of finds)
      terminal.out(`${line}:${column}  ${rule}  ${JSON.stringify(value)} → ${label}\n`);
  else terminal.out(redacted);
  return ExitCode.Fine;
}
