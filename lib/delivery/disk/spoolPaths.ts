import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join } from "node:path";
import type { Configuration } from "../../config/Configuration.js";
import { attempt } from "../../shared/attempt.js";
import { sha256 } from "../../shared/builtins.js";
import type { Pipe } from "../../shared/Stats.js";
import { fs } from "../../shared/fs.js";
import type { DiskQueueOptions } from "./DiskQueue.js";
import { SEGMENT_VERSION } from "./segmentCodec.js";
import { isOwnName } from "./segmentOwner.js";

const APPLICATION = "land-telemetry";
/** Digits of a destination's SHA-256: enough that two never meet in one folder. */
const KEY_DIGITS = 32;
/** For the owner alone. */
const DIRECTORY_MODE = 0o700;
const WRITABLE_BY_OTHERS = 0o022;

/** The disk queue of one pipe and destination, as the configuration wants it; without a directory it is memory only. */
export function diskQueueOptions(
  { spool }: Configuration,
  pipe: Pipe,
  url: string,
  key = "",
): DiskQueueOptions {
  if (spool === false) return {};
  const { maxBytes, maxAgeMs } = spool;
  const root = stateRoot({ spool });
  if (root === undefined) return { maxBytes, maxAgeMs };
  // A start has no time for node:crypto, which makes the name.
  return { maxBytes, maxAgeMs, directory: () => spoolDirectory(root, pipe, url, key) };
}

/** The directory of everything that we keep on this disk; undefined when there is no home. */
export function stateRoot({ spool }: Pick<Configuration, "spool">): string | undefined {
  return (spool === false ? undefined : spool.directory) ?? defaultSpoolRoot();
}

/**
 * Where spools are kept unless told otherwise: the user's state directory (XDG base directories on Linux,
 * Application Support on macOS, local application data on Windows). Undefined when there is no home.
 */
export function defaultSpoolRoot(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  const home = absolute(attempt(homedir));
  const under = (...parts: string[]): string | undefined =>
    home === undefined ? undefined : join(home, ...parts);
  let base: string | undefined;
  if (platform === "win32") base = absolute(env["LOCALAPPDATA"]) ?? under("AppData", "Local");
  else if (platform === "darwin") base = under("Library", "Application Support");
  else base = absolute(env["XDG_STATE_HOME"]) ?? under(".local", "state");
  return base === undefined ? undefined : join(base, APPLICATION);
}

/** The folder of one pipe, for all its destinations. */
export function pipeDirectory(root: string, pipe: Pipe): string {
  return join(root, `v${SEGMENT_VERSION}`, pipe);
}

/**
 * The folder of one pipe and destination, so that what was spooled for one URL and key is never found by another.
 * `key` is the project key, or whatever tells receivers at one URL apart.
 */
export function spoolDirectory(root: string, pipe: Pipe, url: string, key = ""): string {
  return join(pipeDirectory(root, pipe), sha256(JSON.stringify([url, key])).slice(0, KEY_DIGITS));
}

/**
 * Makes a folder and those above it; others may make the same at the same time. `mkdirSync` with `recursive` would
 * do, but in Node 20 it never returns where a file system answers ENOENT under a folder that exists, as /proc does.
 * Throws what the file system throws.
 */
export function makeDirectory(path: string): void {
  if (fs.existsSync(path)) return;
  if (dirname(path) !== path) makeDirectory(dirname(path));
  try {
    fs.mkdirSync(path, DIRECTORY_MODE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

type Stats = InstanceType<typeof fs.Stats>;

/** Whether a folder, and the two above it that we make as well, are no links and this user's alone. */
export function isPrivateFolder(path: string): boolean {
  return [path, dirname(path), dirname(dirname(path))].every((folder) => {
    const stat = attempt(() => fs.lstatSync(folder));
    return stat?.isDirectory() === true && isPrivate(stat);
  });
}

/** Whether a file is a regular one of this user alone, under one name. */
export function isPrivateFile(stat: Stats): boolean {
  return stat.isFile() && stat.nlink === 1 && isPrivate(stat);
}

/** Windows has neither users nor modes in this form; there, what is in a user's profile is that user's. */
function isPrivate({ uid, mode }: Stats): boolean {
  const user = process.geteuid?.();
  return user === undefined || (uid === user && (mode & WRITABLE_BY_OTHERS) === 0);
}

/** Deletes what the pipes that were explicitly opted out of had spooled. */
export function clearOptedOut({ spool, gates }: Configuration): void {
  const root = stateRoot({ spool });
  if (root === undefined) return;
  for (const pipe of ["posthog", "otlp"] as const) if (gates[pipe].optedOut) clearSpool(root, pipe);
}

/**
 * Deletes what a pipe has spooled under a root, for every destination and owner. Touches segments only, follows no
 * link, and never throws. Returns how many segments it deleted.
 */
export function clearSpool(root: string, pipe: Pipe): number {
  let removed = 0;
  const directory = pipeDirectory(root, pipe);
  if (!isFolder(dirname(directory))) return removed;
  for (const folder of list(directory)) {
    for (const file of list(folder).filter((path) => isOwnName(basename(path)))) {
      attempt(() => {
        fs.unlinkSync(file);
        removed++;
      });
    }
    // Fails, as it should, when something else is in it.
    attempt(() => fs.rmdirSync(folder));
  }
  attempt(() => fs.rmdirSync(directory));
  return removed;
}

function list(directory: string): string[] {
  const names = isFolder(directory) ? attempt(() => fs.readdirSync(directory)) : undefined;
  return (names ?? []).map((name) => join(directory, name));
}

function isFolder(path: string): boolean {
  return attempt(() => fs.lstatSync(path).isDirectory()) === true;
}

/** The base directory specification calls a relative path invalid. */
function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}
