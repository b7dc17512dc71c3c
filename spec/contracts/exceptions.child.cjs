/**
 * Makes COUNT errors and gives each to this package and to posthog-node, in one process. The specification copies this
 * file into a home directory; ROOT is this project, URL a server, and SEED decides which errors are made.
 */
const { mkdirSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { createContext, runInContext } = require("node:vm");
const { ROOT, URL: url, SEED: seed, COUNT: count } = process.env;
const { register, captureError, withSpan, flush } = require(join(ROOT, "dist/index.cjs"));
const { PostHog } = require(join(ROOT, "node_modules/posthog-node"));

const telemetry = register({
  tier: "cocoon",
  capture: true,
  otlp: { enabled: false },
  posthog: { enabled: true, key: "phc_ours", host: url, errorTracking: true },
  throttle: { perSecond: 1e9, errorCap: 1e9 },
});
if (telemetry.status !== "registered") throw new Error(telemetry.reason);
const theirs = new PostHog("phc_theirs", {
  host: url,
  enableExceptionAutocapture: true,
  exceptionRateLimiterBucketSize: 100,
});

// mulberry32
let state = Number(seed);
const random = () => {
  state = (state + 0x6d2b79f5) | 0;
  let value = Math.imul(state ^ (state >>> 15), 1 | state);
  value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
  return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
};
const below = (limit) => Math.floor(random() * limit);
const oneOf = (list) => list[below(list.length)];
const hex = (digits) => Array.from({ length: digits }, () => below(16).toString(16)).join("");
const uuid = () => `${hex(8)}-${hex(4)}-7${hex(3)}-8${hex(3)}-${hex(12)}`;

/** Writes a file as a bundler and PostHog's plugin leave it; returns functions that call through it. */
function minified(file, chunk) {
  const injected = `!function(){try{var e=globalThis,n=(new e.Error).stack;n&&(e._posthogChunkIds=e._posthogChunkIds||{},e._posthogChunkIds[n]="${chunk}")}catch(e){}}();`;
  const functions = Array.from("abcd", (name) => `function ${name}(f){return f()}`).join("");
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(
    file,
    `${chunk ? injected : ""}${functions}class t{static r(f){return new t().s(f)}s(f){return f()}}module.exports=[a,b,c,d,t.r];`,
  );
  return require(file);
}
const through = [
  ...minified(join(__dirname, "dist/chunk-A1.js"), uuid()),
  ...minified(join(__dirname, "dist/chunk-B2.js"), uuid()),
  ...minified(join(__dirname, "dist/plain.js")),
  ...minified(join(__dirname, "node_modules/library/index.js")),
  ...minified(join(__dirname, "../beside/secret-project/extension.js"), uuid()),
  (make) => [0].map(make)[0],
  (make) => new Promise((resolve) => resolve(make())) && make(),
];

class Refused extends Error {
  name = "Refused";
}
class Nameless extends RangeError {}
class Several extends AggregateError {}
const realm = createContext({});
const classes = [
  Error,
  TypeError,
  SyntaxError,
  Refused,
  Nameless,
  runInContext("TypeError", realm),
  runInContext("(class Foreign extends Error {})", realm),
];
const words = ["disk full", "no such file", "Error: inner", "x (y) [z]", "näh 😀", ""];
const quoted = () => `    at quoted${below(9)} (/home/quoted/private.js:${below(99)}:7)`;
const said = [
  () => oneOf(words),
  () => `${oneOf(words)} in '${join(__dirname, "settings.json")}'`,
  () => "x".repeat(below(60_000)),
  () => Array.from({ length: below(500) }, () => oneOf(words)).join("\n"),
  () => `${oneOf(words)}\n${Array.from({ length: 1 + below(20) }, quoted).join("\n")}`,
  () => `${quoted()}\n${oneOf(words)}`,
];

/** Calls through up to three functions, so that the stacks differ in few ways and some errors belong together. */
function called(make) {
  let call = make;
  for (let times = below(4); times > 0; times--) {
    const [step, inner] = [oneOf(through), call];
    call = () => step(inner);
  }
  return call();
}

let next = 0;
function makeError(depth) {
  const message = `#${next++} ${oneOf(said)()}`;
  const options = depth > 0 && random() < 0.4 ? { cause: makeError(depth - 1) } : {};
  const members = depth > 0 && random() < 0.25;
  const error = called(() =>
    members
      ? new (oneOf([AggregateError, Several]))(
          Array.from({ length: 1 + below(4) }, () => makeError(depth - 1)),
          message,
          options,
        )
      : new (oneOf(classes))(message, options),
  );
  const twist = below(12);
  if (twist === 0) error.code = oneOf([7, "ENOENT"]);
  if (twist === 1) error.message = `#${message.slice(1)} (again)`;
  if (twist === 3) error.stack = error.stack?.split("\n    at")[0];
  return error;
}

// A host that catches everything: the process lives on, and posthog-node does not end it.
process.on("unhandledRejection", () => undefined);
process.on("uncaughtException", () => undefined);

async function main() {
  for (let index = 0; index < Number(count); index++) {
    Error.stackTraceLimit = oneOf([4, 10, 30]);
    const how = index % 4;
    if (how === 0) {
      const error = makeError(3);
      captureError("generated", error);
      theirs.captureException(error);
    } else if (how === 1) {
      try {
        withSpan("work", () => {
          throw makeError(3);
        });
      } catch (error) {
        theirs.captureException(error);
      }
    } else if (how === 2) void Promise.reject(makeError(3));
    else
      setImmediate((error) => {
        throw error;
      }, makeError(3));
    // Rejections are reported after the microtasks, and what an immediate throws in the turn after that.
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
  }
  await Promise.all([flush(10_000), theirs.flush()]);
  await theirs.shutdown();
  process.stdout.write("done");
  process.exit(0);
}
void main();
