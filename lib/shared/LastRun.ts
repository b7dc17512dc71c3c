/**
 * How a run ended:
 * - `expected`: its parent ended it, or knew that it would end.
 * - `exit`: it exited on its own. `shutdown`: it shut down its telemetry, and what happened afterwards is not known.
 * - `signal`: a signal asked it to end. `killed`: it was killed, as by SIGKILL.
 * - `uncaught`: an error that nobody caught ended it. `fault`: an abort or a fault in native code ended it.
 * - `reboot`: the machine was restarted.
 * - `unknown`: it went silent, and nobody saw why.
 */
export type EndedBy =
  | "expected"
  | "exit"
  | "shutdown"
  | "signal"
  | "killed"
  | "uncaught"
  | "fault"
  | "reboot"
  | "unknown";

/** How the last run of this tier ended, as far as that is known. */
export interface LastRun {
  /** What ended it. */
  readonly endedBy: EndedBy;
  /** True only with evidence: an uncaught error that ended it, or an abort or fault that its parent saw. */
  readonly crashed: boolean;
  /** Whether it crashed before it counted as launched, at `markLaunched` or five seconds after `register`. */
  readonly crashedDuringLaunch: boolean;
  /** How many runs in a row crashed during launch, for a safe mode; at least the last five are remembered. */
  readonly consecutiveLaunchCrashes: number;
  /** When it called `register`. */
  readonly startedAt: Date;
  /** Its last sign of life: exact after a normal end, else to the minute, or the second while long spans were open. */
  readonly lastSeenAt: Date;
  /** The exit code. */
  readonly code?: number;
  /** The signal that ended it, for example `SIGTERM`. */
  readonly signal?: string;
  /** The class of the uncaught error. */
  readonly error?: string;
  /** Whether its parent saw it end; see `watchChild`. */
  readonly witness: boolean;
  /** Whether it ran another version of the application. */
  readonly versionChanged: boolean;
  /** The session id of its spans and events. */
  readonly sessionId: string;
  /** The names of the latest long spans that it left open, oldest first. */
  readonly openSpans: readonly string[];
}
