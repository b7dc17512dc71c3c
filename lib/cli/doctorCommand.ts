import { parseArgs } from "node:util";
import { stateRoot } from "../delivery/disk/spoolPaths.js";
import { PACKAGE_VERSION } from "../resource/packageVersion.js";
import { isTier, Tier } from "../resource/Tier.js";
import type { Terminal } from "./Command.js";
import { ExitCode, positiveNumber, UsageError } from "./Command.js";
import { examineApi, examineSpool } from "./doctor/examineDisk.js";
import { examineSettings, listSettings, readSettings } from "./doctor/settings.js";
import { examineEndpoints } from "./doctor/examineEndpoints.js";
import { Findings, formatReport } from "./doctor/report.js";
import { PIPES, spoolSummary } from "./spoolSummary.js";

const DEFAULT_TIMEOUT_MS = "10000";

/** `land-telemetry doctor`: says whether telemetry is on and works, and why not. */
export async function doctorCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      tier: { type: "string", default: Tier.Sidecar },
      "no-send": { type: "boolean", default: false },
      timeout: { type: "string", default: DEFAULT_TIMEOUT_MS },
    },
  });
  const { tier } = values;
  if (!isTier(tier))
    throw new UsageError(
      `--tier is ${JSON.stringify(tier)}; accepted: ${Object.values(Tier).join(", ")}.`,
    );
  const timeoutMs = positiveNumber("timeout", values.timeout);
  const { environment, directory } = terminal;
  const read = readSettings(tier, environment);
  const { configuration } = read;
  const root = stateRoot(configuration);
  const spool = root === undefined ? [] : spoolSummary(root, PIPES);
  const found = new Findings();
  examineSettings(read, environment, found);
  if (!values["no-send"]) await examineEndpoints(configuration, timeoutMs, found);
  examineApi(directory, found);
  examineSpool(configuration, spool, found);
  const findings = found.all;
  const exitCode = findings.some(({ level }) => level === "problem")
    ? ExitCode.Problem
    : configuration.gates.otlp.on || configuration.gates.posthog.on
      ? ExitCode.Fine
      : ExitCode.Off;
  const settings = listSettings(read, environment);
  const json = {
    version: PACKAGE_VERSION,
    node: process.version,
    tier,
    exitCode,
    findings,
    settings,
    spool,
  };
  terminal.out(
    values.json
      ? `${JSON.stringify(json, undefined, 2)}\n`
      : formatReport(tier, settings, findings),
  );
  return exitCode;
}
