/** What a command reads and where it writes; the process itself, outside specifications. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
  /** Whether a person reads what is written. */
  readonly isInteractive: boolean;
  out(text: string): void;
  err(text: string): void;
  /** Resolves when the user asks for the end. */
  untilInterrupted(): Promise<void>;
  /** Ends this process by a signal, as the program it ran has ended. */
  raise(signal: NodeJS.Signals): void;
}

/** One command: resolves to its exit code. A mistake in its arguments is a {@link UsageError}. */
export type Command = (args: readonly string[], terminal: Terminal) => Promise<number>;

/** The arguments cannot be used; the message says why. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Exit codes, for scripts. */
export const ExitCode = {
  Fine: 0,
  Problem: 1,
  Usage: 2,
  /** Nothing is wrong, and nothing is on. */
  Off: 3,
} as const;

/** The number of an option, or a UsageError that says which one is wrong. */
export function positiveInteger(name: string, text: string, max = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0 && value <= max) return value;
  throw new UsageError(
    `--${name} is ${JSON.stringify(text)}; a whole number from 1 to ${max} is accepted.`,
  );
}
