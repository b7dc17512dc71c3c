import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The root of this project, from which the package can be imported by its name. */
export const ROOT = join(__dirname, "..", "..");

export interface AppResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface AppOptions {
  /** Added to PATH and HOME; there are no others, as when Mountain starts a sidecar. */
  readonly env?: Readonly<Record<string, string>>;
  /** `module` (default) or `commonjs`. */
  readonly type?: "module" | "commonjs";
  /** Arguments of Node. */
  readonly args?: readonly string[];
  /** Arguments of the program: `process.argv` from 1 on. */
  readonly rest?: readonly string[];
}

/** Runs a program that uses the built package, in its own process and with its own home. */
export async function runApp(program: string, options: AppOptions = {}): Promise<AppResult> {
  const home = mkdtempSync(join(tmpdir(), "land-home-"));
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn(
        process.execPath,
        [
          ...(options.args ?? []),
          `--input-type=${options.type ?? "module"}`,
          "-e",
          program,
          ...(options.rest ?? []),
        ],
        {
          cwd: ROOT,
          env: { PATH: process.env["PATH"] ?? "", HOME: home, ...options.env },
          stdio: ["ignore", "pipe", "pipe"],
        },
      );
      let stdout = "";
      let stderr = "";
      child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString("utf8")));
      child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
      child.on("error", reject);
      child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
    });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** The variables that turn both pipes on and point them at one receiver. */
export function pipesTo(url: string): Record<string, string> {
  return {
    Capture: "true",
    Report: "true",
    Emit: "true",
    Pipe: url,
    Beam: url,
    Authorize: "phc_test",
    Brand: "someone",
  };
}
