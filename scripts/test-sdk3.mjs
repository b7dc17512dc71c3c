/**
 * Tests the package with the SDK's 3.x line: on a Node that it requires, with real packages from the registry and the
 * packed tarball, in a folder of its own. Needs a build. What is installed is listed in spec/sdk3/package.json.
 *
 *   npm run test:sdk3
 */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
// Outside this project, whose own packages would be found from a folder inside it.
const folder = realpathSync(mkdtempSync(join(tmpdir(), "land-sdk3-")));
const NODE = join(folder, "node_modules/node/bin/node");
/**
 * The specifications of code that handles the spans, contexts and carriers of a host's SDK. The provider, its processor
 * and its exporter are left out: this package brings its own 2.x copies, which a host on 3.x has beside its SDK.
 */
const FOLDERS = [
  "spec/posthog",
  "spec/propagation",
  "spec/tracing/(withSpan|emitSpan|installGlobals|SpanSerializer|otlpFormat|toHrTime)",
  "spec/carriers/extract",
  "spec/carriers/inject",
  "spec/handlers/traceHandler",
  "spec/redaction/redactSpan",
];

process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

step("install SDK 3.x, Node and the tarball", () => {
  run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder], { cwd: root });
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  const wanted = JSON.parse(readFileSync(join(root, "spec/sdk3/package.json"), "utf8"));
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({
      ...wanted,
      dependencies: { ...wanted.dependencies, "land-telemetry": `file:./${tarball}` },
    }),
  );
  // Errors only: npm's own Node may be older than the 3.x line requires. The package `node` unpacks itself by a script.
  run("npm", ["install", "--loglevel=error", "--no-audit", "--no-fund", "--prefer-offline"], {
    cwd: folder,
  });
  // The tiers of the example work on the sources in `lib`.
  for (const part of ["examples/own-provider", "examples/tiers", "lib"])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  return `Node ${run(NODE, ["--version"]).trim()}, @opentelemetry/sdk-trace ${versionOf("@opentelemetry/sdk-trace")}, @opentelemetry/api ${versionOf("@opentelemetry/api")}`;
});

step("one copy of the API, which fits", () => {
  const { findings } = JSON.parse(
    run(
      NODE,
      [
        join(folder, "node_modules/land-telemetry/dist/node/cli.cjs"),
        "doctor",
        "--no-send",
        "--json",
      ],
      { cwd: folder, statuses: [0, 1, 3] },
    ),
  );
  const found = findings.filter(({ about }) => about === "api");
  if (found.length !== 1 || found[0].code !== "api-one")
    throw new Error(found.map(({ sentence }) => sentence).join("\n"));
  return found[0].sentence;
});

step("types", () => {
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    module: "nodenext",
    target: "es2022",
    noEmit: true,
    skipLibCheck: true,
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
  };
  cpSync(join(root, "spec/sdk3/host.mts"), join(folder, "host.mts"));
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions, files: ["host.mts"] }),
  );
  run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder]);
});

step("the mirror on the host's own provider", () =>
  run(NODE, ["examples/own-provider/main.mjs", "sdk3"], { cwd: folder }),
);
step("the main job beside API 1.10", () => {
  const { spans, tiers, orphans } = JSON.parse(
    run(NODE, ["examples/tiers/main.mjs", "--json"], { cwd: folder }),
  );
  return `${spans} spans of ${tiers.length} tiers, ${orphans} orphans`;
});
step("specifications of the folders on the SDK", () =>
  run(
    NODE,
    [
      "--no-warnings",
      join(root, "node_modules/jest/bin/jest.js"),
      "--config",
      "jest.sdk3.config.ts",
      ...FOLDERS,
    ],
    { cwd: root, shown: true },
  ),
);

function step(name, work) {
  const start = performance.now();
  const said = work();
  const seconds = ((performance.now() - start) / 1_000).toFixed(1);
  process.stdout.write(
    `✓ ${name}, ${seconds} s${said ? `\n${said.trim().replaceAll(/^/gm, "    ")}` : ""}\n`,
  );
}

/** Runs a program to its end and returns what it printed; its standard error is shown. */
function run(program, args, { cwd = folder, statuses = [0], shown = false } = {}) {
  const { status, stdout, error } = spawnSync(program, args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", shown ? "inherit" : "pipe", "inherit"],
    env: {
      ...process.env,
      SDK3_MODULES: join(folder, "node_modules"),
      npm_config_nodedir: undefined,
    },
  });
  if (error !== undefined) throw error;
  if (!statuses.includes(status)) {
    process.stdout.write(stdout ?? "");
    process.stderr.write(`✗ ${program} ${args.join(" ")} ended with ${status}\n`);
    process.exit(1);
  }
  return stdout ?? "";
}

function versionOf(name) {
  return JSON.parse(readFileSync(join(folder, "node_modules", name, "package.json"), "utf8"))
    .version;
}
