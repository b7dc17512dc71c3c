import { PACKAGE_NAME, PACKAGE_VERSION } from "../resource/packageVersion.js";
import type { Command, Terminal } from "./Command.js";
import { ExitCode } from "./Command.js";

interface Entry {
  readonly usage: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

const COMMANDS: Readonly<Record<string, Entry>> = {
  inspect: {
    usage:
      "inspect [--port 4318] [--grpc-port 4317] [--host 127.0.0.1] [--allow-remote] [--allow-host name] [--allow-origin origin] [--editor vscode] [--mcp] [--json] [--stay] [recording …] [-- program …]",
    summary:
      "A local receiver of both pipes, with a page that shows what arrives; starts a program with both pipes on.",
    load: async () => (await import("./inspectCommand.js")).inspectCommand,
  },
  doctor: {
    usage: "doctor [--all] [--json] [--tier sidecar] [--no-send] [--timeout 10000]",
    summary:
      "Whether telemetry is on, where each setting came from, and whether the endpoints answer.",
    load: async () => (await import("./doctorCommand.js")).doctorCommand,
  },
  spool: {
    usage: "spool list|send|clear [--json] [--pipe otlp|posthog] [--timeout 30000]",
    summary: "What waits on disk to be sent.",
    load: async () => (await import("./spoolCommand.js")).spoolCommand,
  },
  redact: {
    usage: "redact [file] [--explain] [--json] | redact --rules",
    summary: "A file or the standard input as it would be sent, and which rule took what out.",
    load: async () => (await import("./redactCommand.js")).redactCommand,
  },
  "check-release": {
    usage: "check-release <directory or file> … [--json]",
    summary: "Whether a built release holds any telemetry.",
    load: async () => (await import("./checkReleaseCommand.js")).checkReleaseCommand,
  },
};

/** Runs `land-telemetry <command> …` and resolves to the exit code; never rejects. */
export async function runCommand(
  args: readonly string[],
  terminal: Terminal = processTerminal(),
): Promise<number> {
  const [name = "help", ...rest] = args;
  if (name === "--version" || name === "-v") {
    terminal.out(`${PACKAGE_VERSION}\n`);
    return ExitCode.Fine;
  }
  const own = rest.includes("--") ? rest.slice(0, rest.indexOf("--")) : rest;
  if (["help", "--help", "-h"].includes(name) || own.includes("--help")) {
    terminal.out(usage());
    return ExitCode.Fine;
  }
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (entry === undefined) {
    terminal.err(`There is no command ${JSON.stringify(name)}.\n\n${usage()}`);
    return ExitCode.Usage;
  }
  try {
    const command = await entry.load();
    return await command(rest, terminal);
  } catch (error) {
    if (isUsageError(error)) {
      terminal.err(`${error.message}\n\nUsage: ${PACKAGE_NAME} ${entry.usage}\n`);
      return ExitCode.Usage;
    }
    terminal.err(`${PACKAGE_NAME} ${name} failed: ${(error as Error).message}\n`);
    return ExitCode.Problem;
  }
}

/** The terminal of this process. */
function processTerminal(): Terminal {
  return {
    environment: process.env,
    directory: process.cwd(),
    isInteractive: process.stdout.isTTY,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    untilInterrupted: () =>
      new Promise((resolve) => {
        for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
      }),
    raise: (signal) => void process.kill(process.pid, signal),
  };
}

/** Node's `parseArgs` has no error class of its own, only a code. */
function isUsageError(error: unknown): error is Error {
  const { name, code } = error as { readonly name?: unknown; readonly code?: unknown };
  return name === "UsageError" || (typeof code === "string" && code.startsWith("ERR_PARSE_ARGS"));
}

function usage(): string {
  const lines = Object.values(COMMANDS).map(
    (entry) => `  ${PACKAGE_NAME} ${entry.usage}\n      ${entry.summary}\n`,
  );
  return `${PACKAGE_NAME} ${PACKAGE_VERSION}\n\n${lines.join("")}\nExit codes: 0 fine, 1 a problem, 2 wrong arguments, 3 nothing is wrong and nothing is on (doctor).\n`;
}
