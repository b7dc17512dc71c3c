/**
 * Some registries lack builds of optional packages for systems other than their own; npm then leaves those out of
 * package-lock.json, and `npm ci` rejects the file. This adds what is missing; `--check` only reports it and fails.
 */
import { readFileSync, writeFileSync } from "node:fs";

const LOCK = "package-lock.json";
const SYSTEMS = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "wasm32",
  "win32",
];
const PLATFORM = new RegExp(`[-/](${SYSTEMS.join("|")})(?:-([a-z0-9]+))?(?:-([a-z0-9]+))?$`);

const lock = JSON.parse(readFileSync(LOCK, "utf8"));
const missing = Object.entries(lock.packages).flatMap(([place, entry]) =>
  Object.entries(entry.optionalDependencies ?? {})
    .filter(([name]) => !isLocked(name, place))
    .map(([name, version]) => ({ name, version, of: place, dev: entry.dev })),
);
const foreign = missing.filter(({ name }) => !PLATFORM.test(name));
for (const { name, of } of foreign)
  console.error(
    `${name}, an optional dependency of ${of}, is not in ${LOCK} and is not a build for one system`,
  );

if (process.argv.includes("--check")) {
  for (const { name, of } of missing)
    console.error(`${LOCK} lacks ${name} of ${of}: run node scripts/complete-lock.mjs`);
  process.exitCode = missing.length === 0 ? 0 : 1;
} else {
  for (const { name, version, dev } of missing.filter((each) => !foreign.includes(each)))
    lock.packages[`node_modules/${name}`] = entryOf(name, version, dev);
  lock.packages = Object.fromEntries(
    Object.entries(lock.packages).sort(([one], [other]) => (one < other ? -1 : 1)),
  );
  writeFileSync(LOCK, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${LOCK}: ${missing.length - foreign.length} added`);
  process.exitCode = foreign.length === 0 ? 0 : 1;
}

/** Whether the lock file has the package where Node would find it from `place`: in it or further up. */
function isLocked(name, place) {
  const folders = place.split("/node_modules/");
  return (
    folders.some(
      (_, depth) =>
        `${folders.slice(0, depth + 1).join("/node_modules/")}/node_modules/${name}` in
        lock.packages,
    ) || `node_modules/${name}` in lock.packages
  );
}

function entryOf(name, version, dev) {
  const [, system, cpu, abi = ""] = PLATFORM.exec(name);
  return {
    version,
    cpu: [system === "wasm32" ? system : cpu],
    ...(dev ? { dev } : {}),
    optional: true,
    ...(system === "wasm32" ? {} : { os: [system] }),
    ...(abi.startsWith("gnu")
      ? { libc: ["glibc"] }
      : abi.startsWith("musl")
        ? { libc: ["musl"] }
        : {}),
  };
}
