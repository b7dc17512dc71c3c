import { PACKAGE_NAME, PACKAGE_VERSION } from "../resource/packageVersion.js";
import type { Command, Terminal } from "./Command.js";
import { ExitCode } from "./Command.js";

interface Entry {
  readonly usage: string;
  readonly summary: string;
  /** What each option and argument in the usage does. */
  readonly options: Readonly<Record<string, string>>;
  readonly load: () => Promise<Command>;
}

const COMMANDS: Readonly<Record<string, Entry>> = {
  inspect: {
    usage:
      "inspect [--port 4318] [--grpc-port 4317] [--host 127.0.0.1] [--allow-remote] [--allow-host name] [--allow-origin origin] [--editor vscode] [--mcp] [--json] [--stay] [recording …] [-- program …]",
    summary:
      "A local receiver of both pipes, with a page that shows what arrives; starts a program with both pipes on.",
    options: {
      "--port 4318": "Where it listens; 0 takes a free port.",
      "--grpc-port 4317": "Receives OTLP over gRPC there too; needs @grpc/grpc-js.",
      "--host 127.0.0.1": "The address it listens on.",
      "--allow-remote": "Lets it listen on an address that other machines reach.",
      "--allow-host name": "Answers requests for this host name too; may be repeated.",
      "--allow-origin origin": "Lets pages of this origin in; may be repeated.",
      "--editor vscode": "The editor that the links of stack frames open.",
      "--mcp": "Gives an agent tools over what was received, and prints its address and token.",
      "--json": "Prints what was received as one object at the end, errors first.",
      "--stay": "Keeps the page after the program has ended; the default in a terminal.",
      "recording …": "Files to open, which the page, the Collector or Record=1 wrote.",
      "-- program …":
        "A program to start with both pipes on and towards this inspector; the exit code is its own.",
    },
    load: async () => (await import("./inspectCommand.js")).inspectCommand,
  },
  doctor: {
    usage: "doctor [--all] [--json] [--tier sidecar] [--no-send] [--timeout 10000]",
    summary:
      "Whether telemetry is on, where each setting came from, and whether the endpoints answer.",
    options: {
      "--all": "Lists the settings that have their defaults too.",
      "--json": "Prints findings and settings as JSON.",
      "--tier sidecar": "The tier that your program gives to register.",
      "--no-send": "Sends no test span and no test event.",
      "--timeout 10000": "How long an endpoint may take, in ms.",
    },
    load: async () => (await import("./doctorCommand.js")).doctorCommand,
  },
  spool: {
    usage: "spool list|send|clear [--json] [--pipe otlp|posthog] [--timeout 30000]",
    summary: "What waits on disk to be sent.",
    options: {
      list: "What waits, since when, and whether for a configured destination.",
      send: "Sends what ended processes left for the configured destinations.",
      clear: "Deletes what waits, for every destination.",
      "--json": "Prints the answer as JSON.",
      "--pipe otlp|posthog": "One pipe alone.",
      "--timeout 30000": "How long sending may take, in ms.",
    },
    load: async () => (await import("./spoolCommand.js")).spoolCommand,
  },
  redact: {
    usage: "redact [file] [--explain] [--json] | redact --rules",
    summary: "A file or the standard input as it would be sent, and which rule took what out.",
    options: {
      file: "What to read instead of the standard input.",
      "--explain": "Prints each find: where, by which rule, its value and what is left of it.",
      "--json": "Prints the text and the finds as JSON.",
      "--rules": "Prints the table of the rules.",
    },
    load: async () => (await import("./redactCommand.js")).redactCommand,
  },
  "check-release": {
    usage: "check-release <directory or file> … [--json]",
    summary: "Whether a built release holds any telemetry.",
    options: {
      "directory or file …": "What to look through: scripts, pages and JSON.",
      "--json": "Prints what was found as JSON.",
    },
    load: async () => (await import("./checkReleaseCommand.js")).checkReleaseCommand,
  },
};

const HELP: readonly string[] = ["--help", "-h"];

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
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (["help", ...HELP].includes(name) || own.some((word) => HELP.includes(word))) {
    terminal.out(entry === undefined ? usage() : helpOf(entry));
    return ExitCode.Fine;
  }
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

/** The errors of Node's `parseArgs` have no class of their own, only a code. */
function isUsageError(error: unknown): error is Error {
  const { name, code } = error as { readonly name?: unknown; readonly code?: unknown };
  return name === "UsageError" || (typeof code === "string" && code.startsWith("ERR_PARSE_ARGS"));
}

function helpOf({ usage: line, summary, options }: Entry): string {
  const width = Math.max(...Object.keys(options).map((name) => name.length));
  const lines = Object.entries(options).map(([name, text]) => `  ${name.padEnd(width)}  ${text}\n`);
  return `${PACKAGE_NAME} ${line}\n\n${summary}\n\n${lines.join("")}`;
}

function usage(): string {
  const lines = Object.values(COMMANDS).map(
    (entry) => `  ${PACKAGE_NAME} ${entry.usage}\n      ${entry.summary}\n`,
  );
  return `${PACKAGE_NAME} ${PACKAGE_VERSION}\n\n${lines.join("")}\nExit codes: 0 fine, 1 a problem, 2 wrong arguments, 3 nothing is wrong and nothing is on (doctor).\n${PACKAGE_NAME} <command> --help says what each option does.\n`;
}
