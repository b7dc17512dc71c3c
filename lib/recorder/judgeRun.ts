import type { EndedBy } from "../shared/LastRun.js";
import type { RunRecord, Witness } from "./runRecord.js";

/** How a run ended, and how that is classified. */
export interface Verdict {
  readonly endedBy: EndedBy;
  /** Only with evidence: an uncaught error that ended it, or an abort or a fault that its parent saw. */
  readonly crashed: boolean;
  /** It was killed, or went silent although it would have recorded any other end. */
  readonly vanished: boolean;
  readonly witness: boolean;
  readonly code?: number;
  readonly signal?: string;
}

/** The signals of an abort and of machine-code faults, with their numbers; a shell exits with 128 plus the number. */
const FAULTS: Readonly<Record<string, number>> = {
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGSEGV: 11,
};
const FAULT_STATUSES = new Set(Object.values(FAULTS).map((number) => 128 + number));
const KILLED_STATUS = 128 + 9;
/** On Windows an exit status from here on is the error that ended the process, except for Ctrl+C, below. */
const NTSTATUS_ERROR = 0xc0000000;
const NTSTATUS_CONTROL_C = 0xc000013a;

/** Judges a run that has ended. What its parent saw takes precedence over its own words, and those over silence. */
export function judgeRun(run: RunRecord, isOfThisBoot: boolean): Verdict {
  const { words, witness } = run;
  if (witness !== undefined) return judgeWitness(witness, run);
  const said = { code: words?.code, signal: words?.signal };
  if (words?.final === true || words?.how === "uncaught") return verdict(words.how, said);
  if (!isOfThisBoot) return verdict("reboot");
  if (words !== undefined) return verdict(words.how, said);
  const silent = verdict("unknown");
  return run.start.sees ? silent : { ...silent, vanished: false };
}

function judgeWitness(witness: Witness, { words }: RunRecord): Verdict {
  const seen = { code: witness.code, signal: witness.signal, witness: true };
  const { code = 0, signal } = witness;
  if (witness.expected) return verdict("expected", seen);
  if (signal !== undefined && Object.hasOwn(FAULTS, signal)) return verdict("fault", seen);
  if (signal === "SIGKILL") return verdict("killed", seen);
  // An exit code alone is enough, for example when one of the host's handlers exits immediately.
  const isUncaught = words?.how === "uncaught";
  if (isUncaught && (code !== 0 || signal !== undefined)) return verdict("uncaught", seen);
  if (signal !== undefined) return verdict("signal", seen);
  // A process that chose to exit with one of the statuses below has recorded that.
  if (words?.final === true) return verdict("exit", seen);
  if (code === KILLED_STATUS) return verdict("killed", seen);
  const isError = code >= NTSTATUS_ERROR && code !== NTSTATUS_CONTROL_C;
  return verdict(isError || FAULT_STATUSES.has(code) ? "fault" : "exit", seen);
}

function verdict(
  endedBy: EndedBy,
  seen: { code?: number | undefined; signal?: string | undefined; witness?: boolean } = {},
): Verdict {
  const { code, signal, witness = false } = seen;
  return {
    endedBy,
    crashed: endedBy === "uncaught" || endedBy === "fault",
    vanished: endedBy === "killed" || endedBy === "unknown",
    witness,
    ...(code === undefined ? {} : { code }),
    ...(signal === undefined ? {} : { signal }),
  };
}
