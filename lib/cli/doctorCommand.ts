import { parseArgs } from "node:util";
import { stateRoot } from "../delivery/disk/spoolOf.js";
import { PACKAGE_NAME, PACKAGE_VERSION } from "../resource/packageVersion.js";
import { Tier, isTier } from "../resource/Tier.js";
import type { Terminal } from "./Command.js";
import { ExitCode, UsageError } from "./Command.js";
import { examineApi, findApiCopies } from "./doctor/examineApi.js";
import { examineGates } from "./doctor/examineGates.js";
import { examineSpool } from "./doctor/examineSpool.js";
import { explainOutcome } from "./doctor/explainOutcome.js";
import type { Finding } from "./doctor/Finding.js";
import type { Setting } from "./doctor/readSettings.js";
import { listSettings, readSettings } from "./doctor/readSettings.js";
import { sendProbes } from "./doctor/sendProbe.js";
import { positiveNumber } from "./positiveNumber.js";
import { spoolSummary } from "./spoolSummary.js";

const DEFAULT_TIMEOUT_MS = "10000";
const SIGNS: Readonly<Record<Finding["level"], string>> = {
  ok: "✓",
  off: "–",
  note: "·",
  problem: "✗",
};

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
  if (!isTier(values.tier))
    throw new UsageError(
      `--tier is ${JSON.stringify(values.tier)}; accepted: ${Object.values(Tier).join(", ")}.`,
    );
  const timeoutMs = positiveNumber("timeout", values.timeout);
  const { environment, directory } = terminal;
  const { configuration, complaints } = readSettings(values.tier, environment);
  const root = stateRoot(configuration);
  const probes = values["no-send"] ? [] : await sendProbes(configuration, timeoutMs);
  const spool = root === undefined ? [] : spoolSummary(root);
  const findings = [
    ...complaints,
    ...examineGates(configuration, environment),
    ...probes.map(({ pipe, url, outcome, ms }) => explainOutcome(pipe, url, outcome, ms)),
    ...examineApi(findApiCopies(directory)),
    ...examineSpool(configuration, spool),
  ];
  const settings = listSettings(configuration, environment);
  const exitCode = codeOf(findings, configuration.gates.otlp.on || configuration.gates.posthog.on);
  if (values.json)
    terminal.out(
      `${JSON.stringify({ version: PACKAGE_VERSION, node: process.version, tier: values.tier, exitCode, findings, settings, spool }, undefined, 2)}\n`,
    );
  else terminal.out(report(values.tier, settings, findings));
  return exitCode;
}

function codeOf(findings: readonly Finding[], on: boolean): number {
  if (findings.some(({ level }) => level === "problem")) return ExitCode.Problem;
  return on ? ExitCode.Fine : ExitCode.Off;
}

function report(tier: Tier, settings: readonly Setting[], findings: readonly Finding[]): string {
  const width = (of: keyof Setting): number =>
    Math.max(...settings.map((setting) => setting[of].length));
  const [names, values] = [width("name"), Math.min(48, width("value"))];
  const rows = settings.map(
    ({ name, value, source }) => `  ${name.padEnd(names)}  ${value.padEnd(values)}  ${source}`,
  );
  const said = findings.map(
    ({ level, sentence, advice }) =>
      `${SIGNS[level]} ${sentence}${advice === undefined ? "" : `\n    ${advice}`}`,
  );
  const problems = findings.filter(({ level }) => level === "problem").length;
  const end =
    problems === 0
      ? "No problem was found."
      : problems === 1
        ? "One problem was found."
        : `${problems} problems were found.`;
  return [
    `${PACKAGE_NAME} ${PACKAGE_VERSION}, Node ${process.version}, tier ${tier}`,
    "",
    ...rows,
    "",
    ...said,
    "",
    end,
    "",
  ].join("\n");
}
