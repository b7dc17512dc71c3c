import { parseArgs } from "node:util";
import type { Configuration } from "../config/Configuration.js";
import { batchEndpoint } from "../config/endpoints.js";
import { readConfiguration } from "../config/readConfiguration.js";
import { clearSpool, spoolDirectory, stateRoot } from "../delivery/disk/spoolPaths.js";
import { Tier } from "../resource/Tier.js";
import type { Pipe } from "../shared/Stats.js";
import { readOtlpSettings } from "../tracing/otlpSettings.js";
import type { Terminal } from "./Command.js";
import { ExitCode, positiveInteger, UsageError } from "./Command.js";
import { SpoolSender } from "./SpoolSender.js";
import { inWords, PIPES, spoolSummary } from "./spoolSummary.js";

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
  if (extra !== undefined) throw new UsageError(`Unexpected argument ${JSON.stringify(extra)}.`);
  const pipes = PIPES.filter((pipe) => pipe === (values.pipe ?? pipe));
  if (pipes.length === 0)
    throw new UsageError(
      `--pipe is ${JSON.stringify(values.pipe)}; otlp and posthog are accepted.`,
    );
  const timeoutMs = positiveInteger("timeout", values.timeout);
  const configuration = readConfiguration(Tier.Sidecar, terminal.environment);
  const root = stateRoot(configuration);
  if (root === undefined)
    throw new Error("there is no home directory to keep a spool in; set LAND_TELEMETRY_SPOOL.");
  const say = (answer: unknown, lines: readonly string[]): void =>
    terminal.out(values.json ? `${JSON.stringify(answer)}\n` : `${lines.join("\n")}\n`);
  if (action === "list") return list(root, pipes, configuration, say);
  if (action === "send") return send(pipes, timeoutMs, configuration, say);
  if (action === "clear") return clear(root, pipes, say);
  throw new UsageError(`${JSON.stringify(action)} is not one of list, send, clear.`);
}

type Say = (answer: unknown, lines: readonly string[]) => void;

function list(
  root: string,
  pipes: readonly Pipe[],
  configuration: Configuration,
  say: Say,
): number {
  const { key, host } = configuration.posthog;
  const [spans, events] = [readOtlpSettings(configuration).url, batchEndpoint(host)];
  const current = new Map([
    [spoolDirectory(root, "otlp", spans), spans],
    [spoolDirectory(root, "posthog", events, key), events],
  ]);
  const folders = spoolSummary(root, pipes).map((folder) => ({
    ...folder,
    destination: current.get(folder.directory) ?? null,
  }));
  const lines = folders.map(({ pipe, items, bytes, oldest, damaged, inUse, destination }) => {
    const since = oldest === undefined ? "" : `, the oldest from ${new Date(oldest).toISOString()}`;
    return [
      `${pipe}: ${inWords(pipe, items)}, ${bytes} bytes${since}`,
      `for ${destination ?? "another destination than the configured one (its address is not kept on disk)"}`,
      ...(damaged > 0 ? [`${damaged} damaged lines`] : []),
      ...(inUse > 0 ? [`${inUse} files in use by living processes`] : []),
    ].join("; ");
  });
  say({ root, folders }, [root, ...(lines.length === 0 ? ["Nothing waits."] : lines)]);
  return ExitCode.Fine;
}

async function send(
  pipes: readonly Pipe[],
  timeoutMs: number,
  configuration: Configuration,
  say: Say,
): Promise<number> {
  const results = await new SpoolSender(configuration, pipes).send(timeoutMs);
  say(
    { pipes: results },
    results.map(({ pipe, off, delivered, dropped, left }) =>
      off === undefined
        ? `${pipe}: ${delivered} delivered, ${dropped} dropped, ${left} left`
        : `${off}; nothing is sent.`,
    ),
  );
  if (results.every(({ off }) => off !== undefined)) return ExitCode.Off;
  return results.some(({ left, dropped }) => left + dropped > 0) ? ExitCode.Problem : ExitCode.Fine;
}

function clear(root: string, pipes: readonly Pipe[], say: Say): number {
  const removed = Object.fromEntries(pipes.map((pipe) => [pipe, clearSpool(root, pipe)]));
  const lines = Object.entries(removed).map(([pipe, count]) => `${pipe}: ${count} files deleted`);
  say({ root, removed }, lines);
  return ExitCode.Fine;
}
