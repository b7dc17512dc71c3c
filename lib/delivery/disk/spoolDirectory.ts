import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { sha256 } from "../../shared/builtins.js";
import type { Pipe } from "../../shared/Stats.js";
import { SEGMENT_VERSION } from "./segmentLine.js";

const APPLICATION = "land-telemetry";
/** Of the SHA-256 of a destination: enough that two never meet in one folder. */
const KEY_DIGITS = 32;

/**
 * Where spools are kept unless told otherwise: the user's state directory (XDG base directories on Linux,
 * Application Support on macOS, local application data on Windows). Undefined when there is no home.
 */
export function defaultSpoolRoot(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  const home = findHome();
  const under = (...parts: string[]): string | undefined =>
    home === undefined ? undefined : join(home, ...parts);
  let base: string | undefined;
  if (platform === "win32") base = absolute(env["LOCALAPPDATA"]) ?? under("AppData", "Local");
  else if (platform === "darwin") base = under("Library", "Application Support");
  else base = absolute(env["XDG_STATE_HOME"]) ?? under(".local", "state");
  return base === undefined ? undefined : join(base, APPLICATION);
}

/** The folder of one pipe, all its destinations. */
export function pipeDirectory(root: string, pipe: Pipe): string {
  return join(root, `v${SEGMENT_VERSION}`, pipe);
}

/**
 * The folder of one pipe and destination: what was spooled for one URL and key is never found by another.
 * `key` is the project key, or whatever tells receivers at one URL apart.
 */
export function spoolDirectory(root: string, pipe: Pipe, url: string, key = ""): string {
  return join(pipeDirectory(root, pipe), sha256(JSON.stringify([url, key])).slice(0, KEY_DIGITS));
}

/** The base directory specification calls a relative path invalid. */
function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

function findHome(): string | undefined {
  try {
    const home = homedir();
    return isAbsolute(home) ? home : undefined;
  } catch {
    return undefined;
  }
}
