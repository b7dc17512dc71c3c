import * as fs from "node:fs";
import { dirname } from "node:path";

/** For the owner alone. */
const DIRECTORY_MODE = 0o700;

/**
 * Makes a folder and those above it; others may make the same at the same time. `mkdirSync` with `recursive` would
 * do, but for Node 20 it never returns where a file system answers ENOENT under a folder that exists, as /proc does.
 * Throws what the file system throws.
 */
export function makeDirectory(path: string): void {
  try {
    makeOne(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || dirname(path) === path) throw error;
    makeDirectory(dirname(path));
    makeOne(path);
  }
}

/** One that another process has made, since a moment ago perhaps, is as good. */
function makeOne(path: string): void {
  try {
    fs.mkdirSync(path, DIRECTORY_MODE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
