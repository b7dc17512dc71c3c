import { parseArgs } from "node:util";
import type { Configuration } from "../config/Configuration.js";
import { batchEndpoint } from "../config/endpoints.js";
import { readConfiguration } from "../config/readConfiguration.js";
import { clearSpool } from "../delivery/disk/clearSpool.js";
import type { Courier } from "../delivery/Courier.js";
import { Ledger } from "../delivery/Ledger.js";
import { stateRoot } from "../delivery/disk/diskQueueOptions.js";
import { spoolDirectory } from "../delivery/disk/spoolDirectory.js";
import { createRedactor } from "../redaction/createRedactor.js";
import { localUser } from "../resource/identity.js";
import { Tier } from "../resource/Tier.js";
import { createPostHogPipe } from "../posthog/createPostHogPipe.js";
import type { Pipe } from "../shared/Stats.js";
import { readOtlpSettings } from "../tracing/otlpSettings.js";
import { createOtlpCourier } from "../tracing/createOtlpCourier.js";
import type { Terminal } from "./Command.js";
import { ExitCode, positiveNumber, UsageError } from "./Command.js";
import { spoolSummary } from "./spoolSummary.js";

const PIPES = ["otlp", "posthog"] as const;
const DEFAULT_TIMEOUT_MS = "30000";

/** `land-telemetry spool list|send|clear`. */
export async function spoolCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      pipe: { type: "string" },
      timeout: { type: "string", default: DEFAULT_TIMEOUT_MS },
    },
  });
  const [action = "list", extra] = positionals;
  if (extra !== undefined) throw new UsageError(`${JSON.stringify(extra)} is one word too many.`);
  const only = pipeOf(values.pipe);
  const timeoutMs = positiveNumber("timeout", values.timeout);
  const configuration = readConfiguration({ tier: Tier.Sidecar }, terminal.environment);
  const root = stateRoot(configuration);
  if (root === undefined)
    throw new Error("there is no home directory to keep a spool in; set LAND_TELEMETRY_SPOOL.");
  const say = (answer: unknown, lines: readonly string[]): void =>
    terminal.out(values.json ? `${JSON.stringify(answer)}\n` : `${lines.join("\n")}\n`);
  if (action === "list") return list(root, only, configuration, say);
  if (action === "send") return send(only, timeoutMs, configuration, say);
  if (action === "clear") return clear(root, only, say);
  throw new UsageError(`${JSON.stringify(action)} is none of list, send, clear.`);
}

type Say = (answer: unknown, lines: readonly string[]) => void;

function pipeOf(text: string | undefined): Pipe | undefined {
  const pipe = PIPES.find((each) => each === text);
  if (text !== undefined && pipe === undefined)
    throw new UsageError(`--pipe is ${JSON.stringify(text)}; otlp and posthog are accepted.`);
  return pipe;
}

function list(
  root: string,
  only: Pipe | undefined,
  configuration: Configuration,
  say: Say,
): number {
  const otlp = readOtlpSettings(configuration).url;
  const posthog = batchEndpoint(configuration.posthog.host);
  const current = new Map([
    [spoolDirectory(root, "otlp", otlp), otlp],
    [spoolDirectory(root, "posthog", posthog, configuration.posthog.key), posthog],
  ]);
  const folders = spoolSummary(root, only).map((folder) => ({
    ...folder,
    destination: current.get(folder.directory) ?? null,
  }));
  const lines = folders.map(
    ({ pipe, records, items, bytes, oldest, damaged, inUse, destination }) => {
      const kind = pipe === "otlp" ? "spans" : "events";
      const since = oldest === undefined ? "" : `, the oldest of ${new Date(oldest).toISOString()}`;
      const notes = [
        damaged > 0 ? `${damaged} damaged lines` : "",
        inUse > 0 ? `${inUse} files in use by living processes` : "",
      ].filter((note) => note !== "");
      return `${pipe}: ${items} ${kind} in ${records} records, ${bytes} bytes${since}; for ${destination ?? "another destination than the configured one"}${notes.map((note) => `; ${note}`).join("")}`;
    },
  );
  say({ root, folders }, [root, ...(lines.length === 0 ? ["Nothing waits."] : lines)]);
  return ExitCode.Fine;
}

/** Sends what dead processes left for the configured destinations; living ones send their own. */
async function send(
  only: Pipe | undefined,
  timeoutMs: number,
  configuration: Configuration,
  say: Say,
): Promise<number> {
  const results = await Promise.all(
    PIPES.filter((pipe) => only === undefined || pipe === only).map((pipe) =>
      sendPipe(pipe, timeoutMs, configuration),
    ),
  );
  const tried = results.filter(({ off }) => off === undefined);
  say(
    { pipes: results },
    results.map(({ pipe, off, delivered, dropped, left }) =>
      off === undefined
        ? `${pipe}: ${delivered} delivered, ${dropped} dropped, ${left} left`
        : `${off}; nothing of it is sent.`,
    ),
  );
  if (tried.length === 0) return ExitCode.Off;
  return tried.some(({ left, dropped }) => left + dropped > 0) ? ExitCode.Problem : ExitCode.Fine;
}

interface Sent {
  readonly pipe: Pipe;
  readonly off?: string;
  readonly delivered: number;
  readonly dropped: number;
  readonly left: number;
}

async function sendPipe(
  pipe: Pipe,
  timeoutMs: number,
  configuration: Configuration,
): Promise<Sent> {
  const { on, reason } = configuration.gates[pipe];
  if (!on) return { pipe, off: reason, delivered: 0, dropped: 0, left: 0 };
  const ledger = new Ledger();
  const courier = courierOf(pipe, configuration, ledger);
  await courier.flush(timeoutMs);
  const { delivered, dropped, spooled, pending } = ledger.stats();
  await courier.close(0);
  return {
    pipe,
    delivered,
    dropped: Object.values(dropped).reduce((sum, count) => sum + count, 0),
    left: spooled + pending,
  };
}

function courierOf(pipe: Pipe, configuration: Configuration, ledger: Ledger): Courier {
  if (pipe === "otlp")
    return createOtlpCourier({
      configuration: () => configuration,
      recorder: () => undefined,
      ledgers: { otlp: ledger, posthog: ledger },
    });
  return createPostHogPipe(
    configuration,
    createRedactor(configuration.privacy, localUser()),
    ledger,
    undefined,
  ).courier;
}

function clear(root: string, only: Pipe | undefined, say: Say): number {
  const removed = Object.fromEntries(
    PIPES.filter((pipe) => only === undefined || pipe === only).map((pipe) => [
      pipe,
      clearSpool(root, pipe),
    ]),
  );
  say(
    { root, removed },
    Object.entries(removed).map(([pipe, count]) => `${pipe}: ${count} files deleted`),
  );
  return ExitCode.Fine;
}
