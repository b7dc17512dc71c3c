import * as fs from "node:fs";
import { dirname } from "node:path";

/** For the owner alone. */
const DIRECTORY_MODE = 0o700;

/**
 * Makes a folder and those above it. `mkdirSync` with `recursive` would do, but for Node 20 it never returns where
 * a file system answers ENOENT under a folder that exists, as /proc does. Throws what the file system throws.
 */
export function makeDirectory(path: string): void {
  try {
    fs.mkdirSync(path, DIRECTORY_MODE);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || dirname(path) === path) throw error;
    makeDirectory(dirname(path));
    fs.mkdirSync(path, DIRECTORY_MODE);
  }
}
