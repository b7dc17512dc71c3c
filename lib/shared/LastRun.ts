/** How the last run of this tier ended, as far as anything is known of it. */
export interface LastRun {
  /**
   * - `exit`: it exited by itself. `shutdown`: it ended its telemetry, and what came later is not known.
   * - `signal`: a signal asked it to end. `expected`: its parent wanted it to end.
   * - `killed`: it was killed, as by SIGKILL. `reboot`: the machine was started anew.
   * - `uncaught`: by an error that nobody caught. `fault`: by an abort, or a fault of the machine code.
   * - `unknown`: it fell silent, and nobody saw why.
   */
  readonly endedBy: string;
  /** Only with evidence: an uncaught error that ended it, or an abort or a fault that its parent saw. */
  readonly crashed: boolean;
  /** It crashed before `markLaunched`, or in its first five seconds. */
  readonly crashedDuringLaunch: boolean;
  /** How many runs in a row did, up to five: what a host's safe mode asks for. */
  readonly consecutiveLaunchCrashes: number;
  /** When it registered. */
  readonly startedAt: Date;
  /** The last sign of life; exact where it ended in order, and to a minute, or a second while spans are open, elsewhere. */
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
  /** The names of the spans that were open for long, the last ones, oldest first. */
  readonly openSpans: readonly string[];
}
