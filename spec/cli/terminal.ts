import type { Terminal } from "../../lib/cli/Command.js";
import { runCommand } from "../../lib/cli/runCommand.js";
import { withEnvironment } from "../support/withEnvironment.js";

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Signals that would have ended the process. */
  readonly raised: readonly string[];
}

export interface Surroundings {
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
  readonly untilInterrupted?: () => Promise<void>;
  readonly onOut?: (text: string) => void;
  readonly onErr?: (text: string) => void;
}

/** Runs a command with its own environment, and captures what it prints. */
export async function run(
  args: readonly string[],
  {
    environment = {},
    directory = process.cwd(),
    untilInterrupted = () => Promise.resolve(),
    onOut,
    onErr,
  }: Surroundings = {},
): Promise<Ran> {
  let out = "";
  let err = "";
  const raised: string[] = [];
  const terminal: Terminal = {
    environment,
    directory,
    isInteractive: false,
    out: (text) => {
      out += text;
      onOut?.(text);
    },
    err: (text) => {
      err += text;
      onErr?.(text);
    },
    untilInterrupted,
    raise: (signal) => raised.push(signal),
  };
  // The official classes read their variables from the process.
  const restore = withEnvironment(
    Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith("OTEL_"))),
  );
  const code = await runCommand(args, terminal).finally(restore);
  return { code, out, err, raised };
}
