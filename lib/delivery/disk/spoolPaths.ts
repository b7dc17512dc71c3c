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
/** Hex digits of a destination's SHA-256: enough that no two share a folder. */
const KEY_DIGITS = 32;
/** Access for the owner only. */
const DIRECTORY_MODE = 0o700;
const WRITABLE_BY_OTHERS = 0o022;

/** The options of the disk queue of one pipe and destination; without a directory it is in memory only. */
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
  // A function, because the name needs node:crypto, which takes too long to load at start-up.
  return { maxBytes, maxAgeMs, directory: () => spoolDirectory(root, pipe, url, key) };
}

/** The directory for everything that we keep on disk; undefined when there is no home directory. */
export function stateRoot({ spool }: Pick<Configuration, "spool">): string | undefined {
  return (spool === false ? undefined : spool.directory) ?? defaultSpoolRoot();
}

/**
 * The default location of spools: the user's state directory (XDG base directories on Linux, Application Support on
 * macOS, local application data on Windows). Undefined when there is no home directory.
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
 * The folder of one pipe and destination. Each has its own, so that what was spooled for one URL and key is never sent
 * to another. `key` is the project key, or whatever tells receivers at one URL apart.
 */
export function spoolDirectory(root: string, pipe: Pipe, url: string, key = ""): string {
  return join(pipeDirectory(root, pipe), sha256(JSON.stringify([url, key])).slice(0, KEY_DIGITS));
}

/**
 * Creates a folder and its parents; other processes may create the same at the same time. `mkdirSync` with `recursive`
 * would do, but in Node 20 it never returns on a file system that answers ENOENT inside an existing folder, as /proc
 * does. Throws what the file system throws.
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

/** Whether a folder and the two above it, which we also create, are not links and only this user can write to them. */
export function isPrivateFolder(path: string): boolean {
  return [path, dirname(path), dirname(dirname(path))].every((folder) => {
    const stat = attempt(() => fs.lstatSync(folder));
    return stat?.isDirectory() === true && isPrivate(stat);
  });
}

/** Whether a file is a regular one, has no other hard links and can be written only by this user. */
export function isPrivateFile(stat: Stats): boolean {
  return stat.isFile() && stat.nlink === 1 && isPrivate(stat);
}

/** True on Windows, which has no such uids and modes; what is in a user's profile there belongs to that user. */
function isPrivate({ uid, mode }: Stats): boolean {
  const user = process.geteuid?.();
  return user === undefined || (uid === user && (mode & WRITABLE_BY_OTHERS) === 0);
}

/** Deletes what was spooled by pipes that the user has explicitly opted out of. */
export function clearOptedOut({ spool, gates }: Configuration): void {
  const root = stateRoot({ spool });
  if (root === undefined) return;
  for (const pipe of ["posthog", "otlp"] as const) if (gates[pipe].optedOut) clearSpool(root, pipe);
}

/**
 * Deletes what a pipe has spooled under a root, for every destination and owner. Deletes only files with a name of ours
 * (segments, journals, run files), follows no links and never throws. Returns how many files it deleted.
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
    // Fails, as it should, when anything else is in the folder.
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

/** The XDG base directory specification says that relative paths are invalid. */
function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}
