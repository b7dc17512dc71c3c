/**
 * Calls functions with hostile arguments: `job.table` lists the functions and their parameters. What is thrown,
 * rejected or unhandled goes to the journal. `job.only` names the argument for functions that work once per process.
 */
const fs = require("node:fs");
const { context, trace } = require("@opentelemetry/api");
const { VALUES, fail, throwing } = require("./hostileValues.cjs");

const job = JSON.parse(process.argv[2]);
const journal = fs.openSync(job.journal, "a");
const write = (entry) => fs.writeSync(journal, `${JSON.stringify(entry)}\n`);
const surprises = [];
process.on("uncaughtException", (error) => surprises.push(`uncaught: ${String(error?.stack)}`));
process.on("unhandledRejection", (error) => surprises.push(`unhandled: ${String(error?.stack)}`));

/** An ordinary value for a parameter of each kind. */
const ORDINARY = {
  text: () => "ordinary",
  number: () => 5,
  function: () => () => 1,
  object: () => ({}),
  any: () => ({}),
};
/** Ordinary values of parameters for which nothing made up would do. */
const GIVEN = {
  "traceConnection.reader": () => ({
    onClose: () => undefined,
    listen: () => undefined,
    dispose: () => undefined,
  }),
  "traceConnection.writer": () => ({
    onClose: () => undefined,
    write: () => Promise.resolve(),
    dispose: () => undefined,
  }),
  "tracePort.port": () => new MessageChannel().port1,
  "emitSpan.options": () => ({ start: Date.now(), end: Date.now() }),
};
/** What to do with results that only work when they are used. */
const AFTER = {
  traceHandler: (wrapped) => wrapped("an argument", new Error("another")),
  PostHogMirrorSpanProcessor: (processor) => processor.shutdown(),
  startInspector: async (running) => (await running).close(),
};
/** A server that cannot be started is refused, with an error of ours or of the system's. */
const REFUSES = {
  startInspector: (error) => error instanceof RangeError || error.code !== undefined,
};

let calls = 0;
let slowest = { ms: 0, what: "" };

async function call(name, run, what, args, mayThrow) {
  calls++;

  const began = performance.now();
  try {
    const result = run(...args);
    const after = AFTER[name]?.(result);
    await settled(after ?? result, args);
  } catch (error) {
    if (!mayThrow(error)) write({ threw: `${name}: ${what}: ${text(error)}` });
  }
  const ms = performance.now() - began;
  if (ms > slowest.ms) slowest = { ms, what: `${name}: ${what}` };
}

/** A promise of ours must settle soon; one that the caller passed in is the caller's affair. */
async function settled(result, args) {
  // The result may be a proxy that throws on every access.
  if (args.includes(result) || !(result instanceof Promise)) return;
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("never settles")), 5_000);
  });
  await Promise.race([result, late]);
  clearTimeout(timer);
}

function text(error) {
  try {
    return String(error?.stack ?? error)
      .split("\n")
      .slice(0, 3)
      .join(" | ");
  } catch {
    return "something that cannot be read";
  }
}

async function everyArgument({ name, parameters, path }) {
  const found = require(path)[name];
  const run = /^class\b/.test(Function.prototype.toString.call(found))
    ? (...args) => new found(...args)
    : found;
  const given = () =>
    parameters.map(({ name: parameter, kind }) =>
      (GIVEN[`${name}.${parameter}`] ?? ORDINARY[kind])(),
    );
  for (const [index, { name: parameter, kind, members }] of parameters.entries()) {
    // What must be called, and cannot be, throws what calling it throws.
    const isCalled = job.called.includes(`${name}.${parameter}`);
    for (const [what, make] of Object.entries(VALUES)) {
      const value = make();
      const args = given();
      args[index] = value;
      const mayThrow = (error) =>
        REFUSES[name]?.(error) ||
        (isCalled &&
          (error?.message === "hostile" || error instanceof TypeError || what === "class"));
      await call(name, run, `${parameter} is ${what}`, args, mayThrow);
    }
    if (kind === "function" && !isCalled) continue;
    for (const member of members) {
      for (const [what, hostile] of [
        ["throws", (target) => throwing(target, member)],
        ["is a function that throws", (target) => Object.assign(target, { [member]: fail })],
        [
          "is a revoked proxy",
          (target) => Object.assign(target, { [member]: VALUES["revoked proxy"]() }),
        ],
        ["is a symbol", (target) => Object.assign(target, { [member]: Symbol("hostile") })],
        ["is null", (target) => Object.assign(target, { [member]: null })],
      ]) {
        const args = given();
        const target = { ...args[index] };
        args[index] = hostile(target);
        await call(
          name,
          run,
          `${parameter}.${member} ${what}`,
          args,
          REFUSES[name] ?? (() => false),
        );
      }
    }
  }
}

async function once() {
  const land = require("land-telemetry");
  const make = VALUES[job.only];
  await call("register", land.register, `tierOrOptions is ${job.only}`, [make()], () => false);
  land.captureEvent("after");
  const budget = make();
  await call("shutdown", land.shutdown, `timeoutMs is ${job.only}`, [budget], () => false);
}

async function all() {
  if (job.registered) require("land-telemetry").register("cocoon");
  const inside = trace.setSpan(
    context.active(),
    trace.getTracer("host").startSpan("the host's own"),
  );
  for (const row of job.table) await context.with(inside, () => everyArgument(row));
}

(job.only === undefined ? all() : once()).then(async () => {
  await new Promise((resolve) => setTimeout(resolve, 50));
  write({ calls, slowest, surprises, stats: require("land-telemetry").stats() });
  process.exit(0);
});
