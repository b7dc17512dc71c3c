/** Where the collector comes from: OTELCOL, or else a build of the pinned manifest, which is made once and kept. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

const MANIFEST = fileURLToPath(new URL("manifest.yaml", import.meta.url));
const BUILDER = "go.opentelemetry.io/collector/cmd/builder";
/** Go's installer puts Go here, which is not always on the PATH. */
const USUAL_GOROOT = "/usr/local/go";
const HINT =
  "Set OTELCOL to an OpenTelemetry Collector that has what examples/collector/manifest.yaml lists (otelcol-contrib does), or install Go " +
  "(https://go.dev/dl), and it is built here once, in some minutes.";

/**
 * The path of a collector, or why there is none: `{ path }` or `{ missing, failed }`. `failed` is true if OTELCOL names
 * a missing file or a build failed.
 */
export function findCollector({ env = process.env, log = () => undefined, mayBuild = true } = {}) {
  if (env.OTELCOL)
    return existsSync(env.OTELCOL)
      ? { path: env.OTELCOL }
      : { missing: `There is no ${env.OTELCOL}, which OTELCOL names.`, failed: true };
  const path = cachedCollector(env);
  if (existsSync(path)) return { path };
  if (!mayBuild)
    return {
      missing:
        "No collector: OTELCOL is not set, and none has been built yet; `npm run test:collector` builds one where Go is installed.",
      failed: false,
    };
  const go = findGo(env);
  if (go === undefined)
    return {
      missing: `No collector: OTELCOL is not set, and there is no Go to build one. ${HINT}`,
      failed: false,
    };
  try {
    return { path: build(go, path, env, log) };
  } catch (failure) {
    return {
      missing: `The collector could not be built: ${failure.message}\n${failure.stderr ?? ""}\n${HINT}`,
      failed: true,
    };
  }
}

/** Where the build of this manifest is kept: outside the clone, so that other clones can use it too. */
export function cachedCollector(env = process.env) {
  const hash = createHash("sha256").update(readFileSync(MANIFEST)).digest("hex").slice(0, 16);
  return join(
    env.XDG_CACHE_HOME || join(homedir(), ".cache"),
    "land-telemetry",
    `otelcol-${process.platform}-${process.arch}-${hash}`,
  );
}

function findGo(env) {
  return ["go", join(env.GOROOT || USUAL_GOROOT, "bin/go")].find((go) => {
    try {
      execFileSync(go, ["version"], { env, stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  });
}

function build(go, path, outer, log) {
  const { dist } = parse(readFileSync(MANIFEST, "utf8"));
  const started = performance.now();
  const cache = dirname(path);
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "build-"));
  // The builder calls `go` by its name.
  const env = {
    ...outer,
    GOBIN: folder,
    CGO_ENABLED: "0",
    PATH: [outer.PATH, ...(isAbsolute(go) ? [dirname(go)] : [])].join(delimiter),
  };
  const options = { cwd: folder, env, encoding: "utf8", stdio: ["ignore", "ignore", "pipe"] };
  try {
    log(`Building OpenTelemetry Collector ${dist.version} (once; some minutes) …`);
    execFileSync(go, ["install", `${BUILDER}@v${dist.version}`], options);
    copyFileSync(MANIFEST, join(folder, "manifest.yaml"));
    execFileSync(join(folder, "builder"), ["--config", "manifest.yaml"], options);
    // Renamed only when complete, so that an interrupted build is not mistaken for a collector.
    renameSync(join(folder, dist.output_path, dist.name), path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  log(`Built in ${((performance.now() - started) / 1000).toFixed(0)} s: ${path}`);
  return path;
}
