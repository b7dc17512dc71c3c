import * as fs from "node:fs";
import { join } from "node:path";
import type { Configuration } from "../../config/Configuration.js";
import { makeDirectory } from "../../delivery/disk/makeDirectory.js";
import { stateRoot } from "../../delivery/disk/spoolOf.js";
import type { SpoolFolder } from "../spoolSummary.js";
import type { Finding } from "./Finding.js";

/** Above this share of its bound a spool is about to drop what is oldest. */
const NEARLY_FULL = 0.8;

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
      advice: "Find out why the far end does not answer, then `land-telemetry spool send`.",
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
