/**
 * Tests the package with the lowest and the highest version of each peer that package.json allows, and with each major
 * version between: the specifications of the carriers and handlers, and the types of the packed tarball. Needs a build.
 *
 *   npm run test:peers
 *   npm run test:peers -- --suites=<folder>
 *   npm run test:peers -- --only=lowest
 *
 * With a folder that holds clones of the peers' repositories (`grpc-node` and `vscode-languageserver-node`, bare or
 * not), each peer's own test suite is run as well, once as it is and once with every connection and call traced. The
 * results must be the same, except for the tests named below. The suite of a version is that of its tag or else of the
 * newest tag below it; the tested code is what npm installs. Only packages are downloaded.
 */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Tests that may have another result when traced, by library and title, each with the reason. */
const MAY_DIFFER = {
  "@grpc/grpc-js": {},
  "vscode-jsonrpc": {
    "Connection Test Duplex Stream Connection":
      "compares the raw bytes of a request, which carries its context",
  },
};

/** The place of a peer's suite in its repository and in its package, and what its tests are called. */
const SUITES = {
  "@grpc/grpc-js": {
    repository: "grpc-node",
    tagOf: (version) => `@grpc/grpc-js@${version}`,
    folders: { "packages/grpc-js/test": "build/test" },
    // The certificates of older tags have expired; the newest tag has the same ones with a later expiry date.
    renewed: { "packages/grpc-js/test/fixtures": ["ca.pem", "server1.key", "server1.pem"] },
    isTest: (name) => /^test-.*\.ts$/.test(name),
  },
  "vscode-jsonrpc": {
    repository: "vscode-languageserver-node",
    tagOf: (version) => `release/jsonrpc/${version}`,
    folders: {
      "jsonrpc/src/common/test": "lib/common/test",
      "jsonrpc/src/node/test": "lib/node/test",
    },
    renewed: {},
    isTest: (name) => name.endsWith(".test.ts"),
  },
};
const ANY_VERSION = "999.0.0";
/** A test whose result differs is run this many more times in both ways, to rule out chance. */
const REPEATS = 2;
/** Many times as long as the longest suite takes. */
const SUITE_TIMEOUT_MS = 900_000;

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const { peerDependencies } = JSON.parse(fs.readFileSync(join(root, "package.json"), "utf8"));
const option = (name) =>
  process.argv.find((arg) => arg.startsWith(`--${name}=`))?.slice(`--${name}=`.length);
const suites = option("suites");
const only = option("only");
// Outside this project, whose own packages would be found from a folder inside it.
const folder = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "land-peers-")));
process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));

/** A version as a number, for comparison. */
const rank = (version) => version.split(".").reduce((sum, part) => sum * 1_000 + Number(part), 0);
const lowest = (_name, range) => {
  const [major, minor = 0, patch = 0] = /\d+(?:\.\d+)*/.exec(range)[0].split(".");
  return `${major}.${minor}.${patch}`;
};
/** The highest version number, since npm itself might choose a lower one to satisfy other packages. */
const highest = (name, range) => {
  const found = [JSON.parse(run("npm", ["view", `${name}@${range}`, "version", "--json"], root))];
  return found.flat().sort((a, b) => rank(b) - rank(a))[0];
};
const choose = (choice) =>
  Object.fromEntries(
    Object.entries(peerDependencies).map(([name, range]) => [name, choice(name, range)]),
  );
const newest = choose(highest);
const SETS = {
  lowest: choose(lowest),
  between: { ...newest, "vscode-jsonrpc": highest("vscode-jsonrpc", "^9.0.0") },
  highest: newest,
};

run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder], root);
const tarball = join(
  folder,
  fs.readdirSync(folder).find((name) => name.endsWith(".tgz")),
);
const tools = JSON.parse(fs.readFileSync(join(root, "spec/peers/package.json"), "utf8"));
const done = new Set();
let failures = 0;

for (const [name, peers] of Object.entries(SETS)) {
  if (only !== undefined && name !== only) continue;
  const host = join(folder, name);
  fs.mkdirSync(host);
  install(host, peers);
  const versions = Object.keys(peers).map((peer) => `${peer} ${versionOf(host, peer)}`);
  process.stdout.write(`── ${name}: ${versions.join(", ")}\n`);
  check("types", () => compileHost(host));
  check("specifications", () => runSpecifications(host));
  if (suites === undefined) continue;
  for (const library of Object.keys(SUITES)) {
    const version = versionOf(host, library);
    if (done.has(`${library} ${version}`)) continue;
    done.add(`${library} ${version}`);
    check(`the suite of ${library} ${version}`, () => compareSuite(host, library, version));
  }
}
if (suites === undefined)
  process.stdout.write("The peers' own suites were not run: --suites=<folder with clones>\n");
process.exitCode = failures === 0 ? 0 : 1;

function install(host, peers) {
  const dependencies = { ...tools.dependencies, ...peers, "land-telemetry": `file:${tarball}` };
  fs.writeFileSync(join(host, "package.json"), JSON.stringify({ private: true, dependencies }));
  run("npm", ["install", "--loglevel=error", "--no-audit", "--no-fund", "--prefer-offline"], host);
}

/** Compiles the declarations of the tarball against those of the peers, as a host's TypeScript sees both. */
function compileHost(host) {
  fs.cpSync(join(root, "spec/peers/host.cts"), join(host, "host.cts"));
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
  fs.writeFileSync(
    join(host, "tsconfig.json"),
    JSON.stringify({ compilerOptions, files: ["host.cts"] }),
  );
  return run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", host], host);
}

function runSpecifications(host) {
  const jest = join(root, "node_modules/jest/bin/jest.js");
  const args = [jest, "--config", "jest.peers.config.ts", "spec/carriers", "spec/handlers"];
  const { output } = start(process.execPath, ["--no-warnings", ...args], root, {
    PEER_MODULES: join(host, "node_modules"),
  });
  const said = /^Tests: .*$/m.exec(output)?.[0];
  if (said === undefined || said.includes("failed")) throw new Error(output);
  return said;
}

/** Runs a suite in both ways and throws if results differ for tests other than those named above. */
function compareSuite(host, library, version) {
  const { files, tag } = placeSuite(host, library, version);
  const plain = runSuite(host, library, "plain", files);
  const traced = runSuite(host, library, "traced", files);
  if (traced.spans.length === 0) throw new Error("Nothing was traced.");
  let different = differences(plain, traced);
  const once = different.length;
  for (let repeat = 0; repeat < REPEATS && different.length > 0; repeat++) {
    const again = [...new Set(different.map(({ file }) => file))].filter((file) => file !== "");
    const [first, second] = ["plain", "traced"].map((mode) =>
      runSuite(host, library, mode, again.length === 0 ? files : again),
    );
    const keys = new Set(differences(first, second).map(({ key }) => key));
    different = different.filter(({ key }) => keys.has(key));
  }
  const reasons = MAY_DIFFER[library];
  const unnamed = different.filter(({ title }) => !(title in reasons));
  const lines = [
    `tests of ${tag}: ${plain.tests.length}; spans when traced: ${traced.spans.length}`,
    `plain:  ${summary(plain)}`,
    `traced: ${summary(traced)}`,
    `differences: ${different.length}${once > different.length ? `, and ${once - different.length} that did not happen again` : ""}`,
    ...different.map(
      ({ title, plain: before, traced: after, said }) =>
        `  ${title}: ${before} → ${after}${title in reasons ? ` (${reasons[title]})` : `: ${said}`}`,
    ),
  ];
  if (unnamed.length > 0) throw new Error(lines.join("\n"));
  return lines.join("\n");
}

/** Puts the suite of a version into the installed package, where its tests find what they import. */
function placeSuite(host, library, version) {
  const { repository, tagOf, folders, renewed, isTest } = SUITES[library];
  const clone = join(suites, repository);
  const [latest, tag] = [ANY_VERSION, version].map((bound) => newestTag(clone, tagOf, bound));
  const unpack = (from, to, tree, ...names) => {
    const target = join(host, "node_modules", library, to);
    const archive = join(host, "suite.tar");
    fs.mkdirSync(target, { recursive: true });
    run("git", ["-C", clone, "archive", "--output", archive, `${tree}:${from}`, ...names], host);
    run("tar", ["-xf", archive, "-C", target], host);
    return fs.readdirSync(target);
  };
  const files = [];
  for (const [from, to] of Object.entries(folders)) {
    const names = unpack(from, to, tag);
    files.push(...names.filter(isTest).map((name) => `${to}/${name}`));
  }
  for (const [from, names] of Object.entries(renewed))
    unpack(from, "build/test/fixtures", latest, ...names);
  if (files.length === 0) throw new Error(`${tag} has no tests.`);
  return { files, tag };
}

function newestTag(clone, tagOf, version) {
  const tags = run("git", ["-C", clone, "tag", "--list", tagOf("*")], clone)
    .split("\n")
    .filter((tag) => /^\d+\.\d+\.\d+$/.test(tag.slice(tagOf("").length)));
  const rankOf = (tag) => rank(tag.slice(tagOf("").length));
  const [tag] = tags
    .filter((name) => rankOf(name) <= rank(version))
    .sort((a, b) => rankOf(b) - rankOf(a));
  if (tag === undefined) throw new Error(`${clone} has no tag up to ${tagOf(version)}.`);
  return tag;
}

function runSuite(host, library, mode, files) {
  const results = join(host, `${mode}.json`);
  fs.rmSync(results, { force: true });
  const args = [join(root, "spec/peers/runSuite.cjs"), library, mode, results, ...files];
  const [program, ...before] = withoutNetwork();
  const { output } = start(program, [...before, process.execPath, ...args], host, {
    GRPC_EXPERIMENTAL_ENABLE_OUTLIER_DETECTION: "true",
  });
  if (!fs.existsSync(results)) throw new Error(`The suite did not end:\n${output.slice(-5_000)}`);
  return JSON.parse(fs.readFileSync(results, "utf8"));
}

/** Where the system allows it, a network of its own with only this machine in it: some tests look up external names. */
function withoutNetwork() {
  const isolated = ["unshare", "--net", "--map-root-user", "sh", "-c", 'ip link set lo up && "$@"'];
  const { status } = spawnSync(isolated[0], [...isolated.slice(1), "sh", "true"]);
  return status === 0 ? [...isolated, "sh"] : ["env"];
}

function differences(plain, traced) {
  const [before, after] = [byKey(plain), byKey(traced)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key) => {
    const [one, other] = [before.get(key), after.get(key)];
    if (one?.state === other?.state) return [];
    const { file, title } = one ?? other;
    const said = other?.said ?? "";
    return [
      { key, file, title, plain: one?.state ?? "none", traced: other?.state ?? "none", said },
    ];
  });
}

/** Titles are not unique: each repetition of a title in a file gets one more `+`. */
function byKey({ tests }) {
  const found = new Map();
  for (const test of tests) {
    let key = `${test.file} ${test.title}`;
    while (found.has(key)) key += "+";
    found.set(key, test);
  }
  return found;
}

function summary({ tests }) {
  const counts = {};
  for (const { state } of tests) counts[state] = (counts[state] ?? 0) + 1;
  return Object.entries(counts)
    .map(([state, count]) => `${count} ${state}`)
    .join(", ");
}

function check(name, work) {
  const from = performance.now();
  const shown = (text) => (text ? `\n${text.trim().replaceAll(/^/gm, "    ")}` : "");
  try {
    const said = work();
    const seconds = ((performance.now() - from) / 1_000).toFixed(1);
    process.stdout.write(`✓ ${name}, ${seconds} s${shown(said)}\n`);
  } catch (error) {
    failures++;
    process.stdout.write(`✗ ${name}${shown(error.message)}\n`);
  }
}

/** Runs a program to its end, and throws with what it printed if it fails. */
function run(program, args, cwd) {
  const { status, output } = start(program, args, cwd);
  if (status !== 0)
    throw new Error(`${program} ${args.join(" ")} ended with ${status}:\n${output}`);
  return output;
}

function start(program, args, cwd, environment = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    timeout: SUITE_TIMEOUT_MS,
    maxBuffer: 1e9,
    env: { ...process.env, ...environment, npm_config_nodedir: undefined },
  });
  if (error !== undefined) throw error;
  return { status, output: stdout + stderr };
}

function versionOf(host, name) {
  const file = join(host, "node_modules", name, "package.json");
  return JSON.parse(fs.readFileSync(file, "utf8")).version;
}
