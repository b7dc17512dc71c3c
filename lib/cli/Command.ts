/** What a command reads and where it writes; the process itself, outside specifications. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
  out(text: string): void;
  err(text: string): void;
  /** Resolves when the user asks for the end. */
  untilInterrupted(): Promise<void>;
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
