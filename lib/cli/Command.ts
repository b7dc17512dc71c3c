/** What a command reads from and writes to: this process, except in tests. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
  /** Whether a person reads the output. */
  readonly isInteractive: boolean;
  out(text: string): void;
  err(text: string): void;
  /** Resolves when the user interrupts the command. */
  untilInterrupted(): Promise<void>;
  /** Ends this process by the signal that ended the program it ran. */
  raise(signal: NodeJS.Signals): void;
}

/** A command: resolves to its exit code. Rejects with a {@link UsageError} for unusable arguments. */
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
  /** Nothing is wrong, but nothing is turned on. */
  Off: 3,
} as const;

/** Parses an option's whole number from 1 to `max`; throws a UsageError that names the option. */
export function positiveInteger(name: string, text: string, max = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0 && value <= max) return value;
  throw new UsageError(
    `--${name} is ${JSON.stringify(text)}; a whole number from 1 to ${max} is accepted.`,
  );
}
