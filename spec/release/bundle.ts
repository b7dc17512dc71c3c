import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/** The repository, which is linked into the application's node_modules as by a package manager. */
const ROOT = join(__dirname, "../..");
const NOOP = join(__dirname, "noop");

export type Bundler = "esbuild" | "vite" | "webpack" | "rollup";
export const BUNDLERS: readonly Bundler[] = ["esbuild", "vite", "webpack", "rollup"];

/** How a build knows that it is a release: by the `production` condition, or by folding NODE_ENV alone. */
export type Mode = "condition" | "folding" | "development";

export interface BundleOptions {
  readonly bundler: Bundler;
  readonly mode: Mode;
  /** The entry file in `directory`. */
  readonly entry: string;
  readonly directory: string;
  readonly sourcemap?: boolean;
  readonly minify?: boolean;
  /** Whether esbuild keeps names when it minifies. */
  readonly keepNames?: boolean;
  /** Whether to use the build plugin; an object gives its options. */
  readonly plugin?: boolean | { readonly release?: boolean };
  /** NODE_ENV of the build itself; by default the one that goes with the mode. */
  readonly nodeEnv?: string;
}

export interface Bundle {
  /** The code of all files. */
  readonly code: string;
  readonly files: Readonly<Record<string, string>>;
  /** The directory they are in. */
  readonly output: string;
}

/** Makes a directory with the application's files and, in its node_modules, the package or another in its place. */
export function makeApplication(
  packagePlace: "package" | "noop" | { readonly directory: string },
  files: string = join(__dirname, "app"),
): { directory: string; remove: () => void } {
  const cache = join(ROOT, ".cache");
  mkdirSync(cache, { recursive: true });
  const directory = mkdtempSync(join(cache, "release-"));
  cpSync(files, directory, { recursive: true });
  // Without its own name, it would belong to the repository, whose name would resolve to the repository itself.
  writeFileSync(
    join(directory, "package.json"),
    JSON.stringify({ name: "application", private: true }),
  );
  mkdirSync(join(directory, "node_modules"));
  const place =
    packagePlace === "package" ? ROOT : packagePlace === "noop" ? NOOP : packagePlace.directory;
  symlinkSync(place, join(directory, "node_modules/land-telemetry"), "dir");
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

let runner: ChildProcess | undefined;
let turn: Promise<unknown> = Promise.resolve();
/** The bundles made so far, by their options: several specifications compare with the same bundle. */
const bundles = new Map<string, Promise<Bundle>>();

/** Bundles, one application after the other, and returns the code of all the files that come out. */
export function bundle(options: BundleOptions): Promise<Bundle> {
  const key = JSON.stringify(Object.entries(options).sort());
  let mine = bundles.get(key);
  if (mine === undefined) {
    mine = turn.then(() => run(options));
    bundles.set(key, mine);
    turn = mine.catch(() => undefined);
  }
  return mine;
}

/** Ends the process that bundles. */
export function stopBundling(): void {
  runner?.kill();
  runner = undefined;
}

async function run(options: BundleOptions): Promise<Bundle> {
  const output = mkdtempSync(join(options.directory, "out-"));
  runner ??= fork(join(__dirname, "bundler.child.mjs"), { execArgv: [] });
  runner.send({ ...options, output });
  const [{ error }] = (await once(runner, "message")) as [{ error?: string }];
  if (error !== undefined) throw new Error(error);
  const names = readdirSync(output, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(m?js|map)$/.test(name))
    .sort();
  const files = Object.fromEntries(
    names.map((name) => [name, readFileSync(join(output, name), "utf8")]),
  );
  const code = Object.entries(files)
    .filter(([name]) => !name.endsWith(".map"))
    .map(([, text]) => text)
    .join("\n");
  return { code, files, output };
}
