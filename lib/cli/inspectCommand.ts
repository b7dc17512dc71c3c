import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { prefixedName } from "../config/landVariables.js";
import { readConfiguration } from "../config/readConfiguration.js";
import { reasonOff } from "../config/reasonOf.js";
import { authorityOf } from "../inspector/server/http.js";
import { sendRecording } from "../inspector/server/readRecording.js";
import type { Inspector } from "../inspector/server/startInspector.js";
import { startInspector } from "../inspector/server/startInspector.js";
import { Tier } from "../resource/Tier.js";
import type { Terminal } from "./Command.js";
import { ExitCode, positiveInteger, UsageError } from "./Command.js";
import { releaseBy } from "./releaseBy.js";
import type { ProgramEnd } from "./runProgram.js";
import { runProgram } from "./runProgram.js";
import { SpoolSender } from "./SpoolSender.js";
import { PIPES } from "./spoolSummary.js";

/** OTLP's own port, and the default of `Pipe`. */
const DEFAULT_PORT = "4318";
const MAX_PORT = 65_535;
/** In ms. The receiver is on this machine, so it answers immediately or never. */
const SEND_TIMEOUT_MS = 10_000;
/** For users who forgot the `--`: without it, the program's words are read as recordings. */
const TO_START = "To start a program, put -- before it: inspect -- node app.mjs";
/** As long as a UUID, so impossible to guess. */
const TOKEN_BYTES = 16;

/**
 * `land-telemetry inspect`: runs the receiver with its page until it is interrupted, or around a program as in
 * `inspect -- node app.mjs`. The exit code and signal are then the program's.
 */
export async function inspectCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const separator = args.includes("--") ? args.indexOf("--") : args.length;
  const program = args.slice(separator + 1);
  const { values, positionals } = parseArgs({
    args: args.slice(0, separator),
    allowPositionals: true,
    options: {
      port: { type: "string" },
      "grpc-port": { type: "string" },
      host: { type: "string", default: "127.0.0.1" },
      "allow-remote": { type: "boolean", default: false },
      "allow-host": { type: "string", multiple: true, default: [] },
      "allow-origin": { type: "string", multiple: true, default: [] },
      editor: { type: "string", default: "vscode" },
      mcp: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      stay: { type: "boolean", default: terminal.isInteractive },
    },
  });
  // Port 0 lets the system choose one.
  const { port: given = DEFAULT_PORT } = values;
  const port = given === "0" ? 0 : positiveInteger("port", given, MAX_PORT);
  const grpcGiven = values["grpc-port"];
  const grpcPort =
    grpcGiven === undefined || grpcGiven === "0"
      ? grpcGiven && 0
      : positiveInteger("grpc-port", grpcGiven, MAX_PORT);
  const agentToken = values.mcp ? randomBytes(TOKEN_BYTES).toString("hex") : "";
  const interrupted = program.length === 0 ? terminal.untilInterrupted() : undefined;
  const options = {
    host: values.host,
    allowRemote: values["allow-remote"],
    allowedHosts: values["allow-host"],
    allowedOrigins: values["allow-origin"],
    editor: values.editor,
    agentToken,
    ...(grpcPort !== undefined && { grpcPort }),
  };
  const inspector = await startInspector({ ...options, port }).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    // Any port will do, since the program is given its number. On many machines a collector uses the default.
    if (code === "EADDRINUSE" && program.length > 0 && values.port === undefined) {
      terminal.err(`Port ${port} is in use; using another one.\n`);
      return startInspector({ ...options, port: 0 });
    }
    throw explain(error as NodeJS.ErrnoException, port);
  });
  const quiet = { ...terminal, out: (text: string) => terminal.err(text) };
  let end: ProgramEnd = { code: ExitCode.Fine, signal: null };
  try {
    for (const file of positionals)
      await open(inspector, resolve(terminal.directory, file), values.json ? quiet : terminal);
    if (inspector.grpcPort !== undefined)
      terminal.err(
        `OTLP over gRPC is received at ${authorityOf(values.host, inspector.grpcPort)}\n`,
      );
    if (agentToken !== "") terminal.err(agentLine(inspector.url, agentToken));
    if (interrupted !== undefined && values.json && positionals.length > 0) {
      // A recording is complete, so its content is printed without waiting for an interrupt.
    } else if (interrupted !== undefined) {
      if (!values.json) terminal.out(greeting(inspector.url));
      await interrupted;
    } else end = await inspectProgram(program, inspector, values, terminal);
    if (values.json) terminal.out(`${JSON.stringify(await heldBy(inspector.url))}\n`);
  } finally {
    await inspector.close();
  }
  if (end.signal !== null) terminal.raise(end.signal);
  return end.code;
}

/**
 * Runs a program with both pipes on and a spool of its own. When it ends, even by a crash, what it left in the spool is
 * first sent to the receiver, with what this process observed of its end.
 */
async function inspectProgram(
  program: readonly string[],
  inspector: Inspector,
  { stay, json }: { readonly stay: boolean; readonly json: boolean },
  terminal: Terminal,
): Promise<ProgramEnd> {
  const { url } = inspector;
  const spool = await mkdtemp(join(tmpdir(), "land-inspect-"));
  const pipes = Object.entries(pipesTo(url));
  const environment: NodeJS.ProcessEnv = {
    ...terminal.environment,
    ...Object.fromEntries(pipes),
    // Other tiers read only the short names. In this package a prefixed name that is already set would win over them.
    ...Object.fromEntries(pipes.map(([name, value]) => [prefixedName(name) ?? name, value])),
    LAND_TELEMETRY_SPOOL: spool,
  };
  terminal.err(`The inspector is at ${url}\n`);
  const release = releaseBy(environment);
  const outside = readConfiguration(Tier.Sidecar, terminal.environment).gates;
  const configuration = readConfiguration(Tier.Sidecar, environment);
  const { gates } = configuration;
  const isOff = release !== undefined || !(gates.posthog.on || gates.otlp.on);
  if (release !== undefined) terminal.err(`${release}, so the program sends nothing.\n`);
  else if (isOff) terminal.err(`${reasonOff(gates)}\n`);
  else if (outside.posthog.optedOut || outside.otlp.optedOut)
    terminal.err(
      "Telemetry is turned off in this environment; for this program it is on, and goes to this page.\n",
    );
  const before = inspector.counts();
  const sender = new SpoolSender(configuration, PIPES);
  try {
    const end = await runProgram(program, {
      env: environment,
      cwd: terminal.directory,
      isQuiet: json,
      onStart: (child) => sender.watch(child),
    });
    await sender.send(SEND_TIMEOUT_MS);
    if (end.failure !== undefined) {
      terminal.err(`${program[0]} ${end.failure}.\n`);
      return end;
    }
    const after = inspector.counts();
    const [spans, events] = [after.spans - before.spans, after.events - before.events];
    if (spans + events === 0 && !isOff)
      terminal.err(
        "Nothing arrived. Does the program call register, and make spans or events after that?\n",
      );
    const how = end.signal === null ? `with code ${end.code}` : `by ${end.signal}`;
    const next = stay
      ? `${url} shows it; Ctrl-C ends the inspector.`
      : `It sent ${spans} ${spans === 1 ? "span" : "spans"} and ${events} ${events === 1 ? "event" : "events"}${json ? "" : "; --stay keeps the page, --json prints them"}.`;
    terminal.err(`${program.join(" ")} ended ${how}. ${next}\n`);
    if (stay) await terminal.untilInterrupted();
    return end;
  } finally {
    await rm(spool, { recursive: true, force: true });
  }
}

function explain(error: NodeJS.ErrnoException, port: number): Error {
  if (error.name === "RangeError")
    return new UsageError(error.message.replace("set allowRemote", "give --allow-remote"));
  if (error.code === "ERR_MODULE_NOT_FOUND" || error.code === "MODULE_NOT_FOUND")
    return new UsageError("--grpc-port needs @grpc/grpc-js: npm install @grpc/grpc-js");
  if (error.code !== "EADDRINUSE") return error;
  return new Error(
    `port ${port} is taken, perhaps by a collector or another inspector; stop it or choose another one with --port.`,
  );
}

async function open(inspector: Inspector, file: string, terminal: Terminal): Promise<void> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new UsageError(`${(error as Error).message}. ${TO_START}`);
  });
  const { opened, refused } = await sendRecording(text, inspector.url);
  terminal.out(
    `${file}: ${opened} requests opened${refused === 0 ? "" : `, ${refused} lines could not be read`}.${opened === 0 ? ` ${TO_START}` : ""}\n`,
  );
}

/** The variables that turn both pipes on and point them at the inspector. */
function pipesTo(url: string): Readonly<Record<string, string>> {
  return {
    Capture: "true",
    Report: "true",
    Emit: "true",
    Pipe: url,
    Beam: url,
    Authorize: "phc_local",
  };
}

/** The line with the configuration that an agent needs. */
function agentLine(url: string, token: string): string {
  const headers = { Authorization: `Bearer ${token}` };
  return `An agent's MCP server: ${JSON.stringify({ type: "http", url: `${url}/mcp`, headers })}\n`;
}

/** Everything that was received, as one object with the errors first. */
async function heldBy(url: string): Promise<object> {
  const ask = async (what: string): Promise<object> =>
    (await (await fetch(`${url}/api/${what}`)).json()) as object;
  const { traces, counts, refusals } = (await ask("traces")) as {
    readonly traces: readonly { readonly traceId: string }[];
    readonly counts: unknown;
    readonly refusals: unknown;
  };
  const whole = await Promise.all(traces.map(({ traceId }) => ask(`traces/${traceId}`)));
  return { ...(await ask("errors")), traces: whole, ...(await ask("events")), counts, refusals };
}

function greeting(url: string): string {
  return `The inspector is at ${url}

Start your programs with these variables:
  ${Object.entries(pipesTo(url))
    .map(([name, value]) => `${name}=${value}`)
    .join(" ")}

Ctrl-C ends it.
`;
}
