import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { sendRecording } from "../inspector/server/readRecording.js";
import type { Inspector } from "../inspector/server/startInspector.js";
import { startInspector } from "../inspector/server/startInspector.js";
import type { Terminal } from "./Command.js";
import { ExitCode, positiveNumber, UsageError } from "./Command.js";

/** OTLP's own port, where `Pipe` points unless told otherwise. */
const DEFAULT_PORT = "4318";
const MAX_PORT = 65_535;

/** `land-telemetry inspect`: runs the receiver with its page until it is interrupted. */
export async function inspectCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      port: { type: "string", default: DEFAULT_PORT },
      host: { type: "string", default: "127.0.0.1" },
      "allow-remote": { type: "boolean", default: false },
      "allow-host": { type: "string", multiple: true, default: [] },
      "allow-origin": { type: "string", multiple: true, default: [] },
    },
  });
  // Port 0 lets the system choose one.
  const port = values.port === "0" ? 0 : positiveNumber("port", values.port, MAX_PORT);
  const interrupted = terminal.untilInterrupted();
  const inspector = await startInspector({
    port,
    host: values.host,
    allowRemote: values["allow-remote"],
    allowedHosts: values["allow-host"],
    allowedOrigins: values["allow-origin"],
  }).catch((error: unknown) => {
    throw explain(error as NodeJS.ErrnoException, port);
  });
  try {
    for (const file of positionals)
      await open(inspector, resolve(terminal.directory, file), terminal);
    terminal.out(greeting(inspector.url));
    await interrupted;
  } finally {
    await inspector.close();
  }
  return ExitCode.Fine;
}

function explain(error: NodeJS.ErrnoException, port: number): Error {
  if (error.name === "RangeError")
    return new UsageError(error.message.replace("set allowRemote", "give --allow-remote"));
  if (error.code !== "EADDRINUSE") return error;
  return new Error(
    `port ${port} is taken, perhaps by a collector or another inspector; stop it or choose another one with --port.`,
  );
}

async function open(inspector: Inspector, file: string, terminal: Terminal): Promise<void> {
  const text = await readFile(file, "utf8");
  const { opened, refused } = await sendRecording(text, inspector.url);
  terminal.out(
    `${file}: ${opened} requests opened${refused === 0 ? "" : `, ${refused} lines could not be read`}.\n`,
  );
}

function greeting(url: string): string {
  return `The inspector is at ${url}

Give this to what you want to see:
  Capture=true Report=true Emit=true Pipe=${url} Beam=${url} Authorize=phc_local

Ctrl-C ends it.
`;
}
