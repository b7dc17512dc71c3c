import { parseArgs } from "node:util";
import { stateRoot } from "../delivery/disk/spoolPaths.js";
import { PACKAGE_VERSION } from "../resource/packageVersion.js";
import { isTier, Tier } from "../resource/Tier.js";
import type { Terminal } from "./Command.js";
import { ExitCode, positiveInteger, UsageError } from "./Command.js";
import { examineApi, examineSpool } from "./doctor/examineDisk.js";
import { examineSettings, isAnythingSent, listSettings, readSettings } from "./doctor/settings.js";
import { examineEndpoints } from "./doctor/examineEndpoints.js";
import { Findings, formatReport } from "./doctor/report.js";
import { PIPES, spoolSummary } from "./spoolSummary.js";

const DEFAULT_TIMEOUT_MS = "10000";

/** `land-telemetry doctor`: reports whether telemetry is on and works, and if not, why. */
export async function doctorCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      all: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      tier: { type: "string" },
      "no-send": { type: "boolean", default: false },
      timeout: { type: "string", default: DEFAULT_TIMEOUT_MS },
    },
  });
  if (values.tier !== undefined && !isTier(values.tier))
    throw new UsageError(
      `--tier is ${JSON.stringify(values.tier)}; accepted: ${Object.values(Tier).join(", ")}.`,
    );
  const timeoutMs = positiveInteger("timeout", values.timeout);
  const { environment, directory } = terminal;
  const read = readSettings(values.tier, environment);
  const { configuration } = read;
  const { tier } = configuration;
  const root = stateRoot(configuration);
  const spool = root === undefined ? [] : spoolSummary(root, PIPES);
  const found = new Findings();
  examineSettings(read, environment, found);
  const isSending = isAnythingSent(configuration, environment);
  if (isSending && !values["no-send"]) await examineEndpoints(configuration, timeoutMs, found);
  examineApi(directory, found);
  examineSpool(configuration, spool, found, isSending);
  const findings = found.sorted();
  const exitCode = findings.some(({ level }) => level === "problem")
    ? ExitCode.Problem
    : isSending
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
      : formatReport(tier, settings, findings, isSending, values.all),
  );
  return exitCode;
}
