import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Journal } from "./Journal";

/** What a child does, and how it ends; see child.cjs. */
export interface Job {
  /** Options for `register`, besides the tier. */
  readonly options?: Readonly<Record<string, unknown>>;
  readonly steps?: readonly (readonly [step: string, value?: unknown])[];
  /** For the ending `exit`. */
  readonly exitCode?: number;
  readonly ending?: "natural" | "exit" | "throw" | "rejection" | "wait" | "terminated";
  readonly host?: string | undefined;
  /** Whether it has telemetry at all. Default: yes. */
  readonly us?: boolean;
  /** Members for programs other than child.cjs. */
  readonly [further: string]: unknown;
}

/** Where and how the child runs. */
export interface Surroundings {
  /** The far end of both pipes. */
  readonly url: string;
  readonly spool: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the Node that runs this. */
  readonly node?: string;
  readonly nodeArgs?: readonly string[];
  /** A shell command that runs before Node. */
  readonly shell?: string;
  /** A program with arguments that runs the shell command, for example in its own mount namespace. */
  readonly inside?: readonly string[];
  readonly uid?: number;
  /** Sent when the child's work is over (`ending: "wait"`); `killAfterMs` is a moment of one's own choosing. */
  readonly signal?: NodeJS.Signals;
  readonly killAfterMs?: number;
}

/** How a child ended. */
export interface JobResult {
  readonly journal: Journal;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** From the end of its work, or the signal, to its death, in ms. */
  readonly endMs: number;
  /** The printed lines that are ours. */
  readonly lines: readonly string[];
  /** Everything that it printed. */
  readonly printed: string;
}

/** Longer than any case takes. */
const MAX_MS = 30 * 60_000 + 120_000;
const home = mkdtempSync(join(tmpdir(), "land-fault-"));
// One case runs as another user.
chmodSync(home, 0o777);
let runs = 0;

/** A fresh directory for a case. */
export function freshDirectory(): string {
  return mkdtempSync(join(home, "spool-"));
}

/** The directory that holds everything. */
export function faultHome(): string {
  return home;
}

/** An environment like that of a sidecar, with short windows and a throttle that is wide open. */
function environment({ url, spool, env }: Surroundings): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    Capture: "true",
    Report: "true",
    Emit: "true",
    Pipe: url,
    Beam: url,
    Authorize: "phc_fault",
    Brand: "someone",
    Throttle: "1000000000",
    Cap: "1000000000",
    Buffer: "100",
    OTEL_BSP_SCHEDULE_DELAY: "100",
    LAND_TELEMETRY_SPOOL: spool,
    OTEL_LOG_LEVEL: "info",
    ...env,
  };
}

/** Runs a child to its end. */
export function runJob(
  job: Job,
  surroundings: Surroundings,
  program = "child.cjs",
): Promise<JobResult> {
  const run = `r${runs++}`;
  const file = join(home, `${run}.journal`);
  const given = JSON.stringify({ us: true, ...job, run, journal: file });
  const args = [...(surroundings.nodeArgs ?? []), join(__dirname, program), given];
  const { shell, inside = [], uid, signal, killAfterMs, node = process.execPath } = surroundings;
  const command =
    shell === undefined
      ? [node, ...args]
      : [...inside, "sh", "-c", `${shell}; exec "$0" "$@"`, node, ...args];
  return new Promise((resolve, reject) => {
    const child = spawn(command[0] ?? "", command.slice(1), {
      env: environment(surroundings),
      cwd: join(__dirname, "..", ".."),
      stdio: ["ignore", "pipe", "pipe"],
      ...(uid === undefined ? {} : { uid }),
    });
    let printed = "";
    let endedAt = 0;
    let signalledAt: number | undefined;
    const timers: NodeJS.Timeout[] = [setTimeout(() => child.kill("SIGKILL"), MAX_MS)];
    if (killAfterMs !== undefined)
      timers.push(setTimeout(() => child.kill("SIGKILL"), killAfterMs));
    if (signal !== undefined) {
      const send = (): void => {
        if (new Journal(file).over === undefined) {
          timers.push(setTimeout(send, 5));
          return;
        }
        signalledAt = performance.timeOrigin + performance.now();
        child.kill(signal);
      };
      send();
    }
    child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString("utf8")));
    child.stderr.on("data", (chunk: Buffer) => (printed += chunk.toString("utf8")));
    child.on("error", reject);
    child.on("exit", () => (endedAt = performance.timeOrigin + performance.now()));
    child.on("close", (code, diedOf) => {
      for (const timer of timers) clearTimeout(timer);
      const journal = new Journal(file);
      const lines = printed
        .split("\n")
        .filter(
          (line) => line.includes("land-telemetry") || /posthog|opentelemetry|otlp/i.test(line),
        );
      resolve({
        journal,
        code,
        signal: diedOf,
        endMs: endedAt - (signalledAt ?? journal.over ?? endedAt),
        lines,
        printed,
      });
    });
  });
}
