/**
 * How a run ended:
 * - `expected`: its parent ended it, or knew that it would end.
 * - `exit`: it exited by itself. `shutdown`: it ended its telemetry, and nothing is known of the time after that.
 * - `signal`: a signal asked it to end. `killed`: it was killed, as by SIGKILL.
 * - `uncaught`: by an error that nobody caught. `fault`: by an abort or a fault of the machine code.
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

/** How the last run of this tier ended, as far as anything is known of it. */
export interface LastRun {
  /** What ended it. */
  readonly endedBy: EndedBy;
  /** Only with evidence: an uncaught error that ended it, or an abort or a fault that its parent saw. */
  readonly crashed: boolean;
  /** It crashed before `markLaunched`, or in its first five seconds. */
  readonly crashedDuringLaunch: boolean;
  /** How many runs in a row did, up to five; for a safe mode. */
  readonly consecutiveLaunchCrashes: number;
  /** When it registered. */
  readonly startedAt: Date;
  /** The last sign of life. It is exact after a normal end; otherwise to a minute, or to a second while long spans are open. */
  readonly lastSeenAt: Date;
  /** The exit code. */
  readonly code?: number;
  /** The signal that ended it, `SIGTERM` for example. */
  readonly signal?: string;
  /** The class of the uncaught error. */
  readonly error?: string;
  /** Whether its parent saw it end; see `watchChild`. */
  readonly witness: boolean;
  /** Whether it was another version of the application. */
  readonly versionChanged: boolean;
  /** That of its spans and events. */
  readonly sessionId: string;
  /** The names of the last spans that had been open for long, oldest first. */
  readonly openSpans: readonly string[];
}
