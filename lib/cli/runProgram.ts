import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { constants } from "node:os";

/** How a program ended; by a signal, the code is 128 and the signal's number, as a shell has it. */
export interface ProgramEnd {
  readonly code: number;
  readonly signal: NodeJS.Signals | null;
  /** Why it was never started. */
  readonly failure?: string;
}

/** What others may send to this process and mean for the program. */
const PASSED_ON = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** A shell's code for a program that is not there. */
const NOT_FOUND = 127;
/** A shell's code for a program that cannot be started. */
const NOT_STARTED = 126;

/** How a program is run. */
export interface ProgramOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Whether its standard output goes to standard error, because something else is the answer. */
  readonly isQuiet: boolean;
  readonly onStart: (child: ChildProcess) => void;
}

/** Runs a program with this process's input and outputs, passes signals on to it, and resolves when it has ended. */
export function runProgram(
  [command = "", ...args]: readonly string[],
  { env, cwd, isQuiet, onStart }: ProgramOptions,
): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    const stdio = ["inherit", isQuiet ? process.stderr : "inherit", "inherit"] as const;
    const child = spawn(command, args, { cwd, env, stdio: [...stdio] });
    onStart(child);
    const passOn = (signal: NodeJS.Signals): void => {
      // A terminal gives Ctrl-C to the program itself.
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    };
    const end = (how: ProgramEnd): void => {
      for (const name of PASSED_ON) process.off(name, passOn);
      resolve(how);
    };
    for (const name of PASSED_ON) process.on(name, passOn);
    child.once("error", ({ code, message }: NodeJS.ErrnoException) =>
      end(
        code === "ENOENT"
          ? { code: NOT_FOUND, signal: null, failure: "was not found" }
          : { code: NOT_STARTED, signal: null, failure: `could not be started (${message})` },
      ),
    );
    child.once("exit", (code, signal) =>
      end({ code: code ?? 128 + constants.signals[signal ?? "SIGTERM"], signal }),
    );
  });
}
