import type { Terminal } from "../../lib/cli/Command.js";
import { runCommand } from "../../lib/cli/runCommand.js";

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Surroundings {
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
  readonly untilInterrupted?: () => Promise<void>;
  readonly onOut?: (text: string) => void;
}

/** Runs a command with an environment of its own, and keeps what it says. */
export async function run(
  args: readonly string[],
  {
    environment = {},
    directory = process.cwd(),
    untilInterrupted = () => Promise.resolve(),
    onOut,
  }: Surroundings = {},
): Promise<Ran> {
  let out = "";
  let err = "";
  const terminal: Terminal = {
    environment,
    directory,
    out: (text) => {
      out += text;
      onOut?.(text);
    },
    err: (text) => (err += text),
    untilInterrupted,
  };
  const code = await runCommand(args, terminal);
  return { code, out, err };
}
