import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CACHE = join(ROOT, ".cache/bench");
const NPM = ["--silent", "--no-audit", "--no-fund", "--prefer-offline"];
const API = "@opentelemetry/api@1.9.1";

/** Peers, at the versions that were measured; none is a dependency of the project. */
export const PEERS = {
  "vercel-otel": [
    "@vercel/otel@2.1.0",
    "@opentelemetry/sdk-trace-base@2.12.1",
    "@opentelemetry/sdk-metrics@2.12.1",
    "@opentelemetry/resources@2.12.1",
    "@opentelemetry/sdk-logs@0.223.0",
    "@opentelemetry/api-logs@0.223.0",
    "@opentelemetry/instrumentation@0.223.0",
  ],
  "langfuse-otel": [
    "@langfuse/otel@5.11.0",
    "@opentelemetry/sdk-trace-base@2.12.1",
    "@opentelemetry/core@2.12.1",
    "@opentelemetry/exporter-trace-otlp-http@0.223.1",
  ],
  "sdk-node": ["@opentelemetry/sdk-node@0.223.0"],
  sentry: ["@sentry/node@10.78.0"],
  // Its fifteen peers are installed with it, in the versions that npm chooses.
  logfire: ["@pydantic/logfire-node@0.18.25"],
};

/** The directory of a project with our packed tarball and its dependencies, newly installed except with `--keep`. */
export function installOurs() {
  const project = join(CACHE, "land");
  if (process.argv.includes("--keep") && existsSync(join(project, "node_modules/land-telemetry")))
    return project;
  rmSync(project, { recursive: true, force: true });
  makeProject(project);
  execFileSync("npm", ["run", "build", "--silent"], {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "inherit"],
  });
  execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", project], {
    cwd: ROOT,
    stdio: "ignore",
  });
  const tarball = readdirSync(project).find((name) => name.endsWith(".tgz")) ?? "";
  execFileSync("npm", ["install", ...NPM, join(project, tarball), API], { cwd: project });
  return project;
}

/** The directory of a project with a peer in it, kept from run to run; undefined if the peer cannot be installed. */
export function installPeer(name) {
  const project = join(CACHE, "peers", name);
  const wanted = JSON.stringify(PEERS[name]);
  const mark = join(project, ".installed");
  if (existsSync(mark) && readFileSync(mark, "utf8") === wanted) return project;
  rmSync(project, { recursive: true, force: true });
  makeProject(project);
  try {
    execFileSync(
      "npm",
      [
        "install",
        ...NPM,
        ...(PEERS[name].length > 1 ? ["--legacy-peer-deps"] : []),
        ...PEERS[name],
        API,
      ],
      { cwd: project, stdio: "ignore", timeout: 180_000 },
    );
  } catch {
    console.log(`${name} does not install here; it is left out.`);
    return undefined;
  }
  writeFileSync(mark, wanted);
  return project;
}

function makeProject(directory) {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "package.json"), JSON.stringify({ name: "bench", private: true }));
}
