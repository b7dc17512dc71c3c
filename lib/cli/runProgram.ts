import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { constants } from "node:os";

/** How a program ended. After a signal, the code is 128 plus the signal's number, as in a shell. */
export interface ProgramEnd {
  readonly code: number;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not be started. */
  readonly failure?: string;
}

/** Signals to this process that are meant for the program. */
const PASSED_ON = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** A shell's code for a program that does not exist. */
const NOT_FOUND = 127;
/** A shell's code for a program that cannot be started. */
const NOT_STARTED = 126;

/** How to run a program. */
export interface ProgramOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Whether to redirect its standard output to standard error, because standard output carries something else. */
  readonly isQuiet: boolean;
  readonly onStart: (child: ChildProcess) => void;
}

/** Runs a program with this process's standard streams and forwards signals to it; resolves when it has ended. */
export function runProgram(
  [command = "", ...args]: readonly string[],
  { env, cwd, isQuiet, onStart }: ProgramOptions,
): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    const stdio = ["inherit", isQuiet ? process.stderr : "inherit", "inherit"] as const;
    const child = spawn(command, args, { cwd, env, stdio: [...stdio] });
    onStart(child);
    const passOn = (signal: NodeJS.Signals): void => {
      // A terminal sends Ctrl-C to the program as well.
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
