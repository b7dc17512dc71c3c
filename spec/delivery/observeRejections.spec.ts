import { readFileSync, writeFileSync } from "node:fs";
import { bundleChild } from "./support/bundleChild";
import type { ChildEnd } from "./support/runChild";
import { runChild } from "./support/runChild";

/** Node's modes; the first stands for its default. */
const MODES = ["", "throw", "strict", "warn", "none", "warn-with-error-code"] as const;

interface Host {
  /** Its code that runs before the hooks are installed, and after. */
  readonly before?: string;
  readonly after?: string;
  /** What we observe of its three rejections in the modes in which a process dies of one, and in the others. */
  readonly throws: readonly string[];
  readonly strict?: readonly string[];
  readonly warns: readonly string[];
}

const LISTEN = `process.on("unhandledRejection", told);`;
const listeners = (count: number): string =>
  `for (let i = 0; i < ${count}; i++) process.on("unhandledRejection", i === 0 ? told : () => undefined);`;
const ALL = ["told a", "told b", "told c"];
const MONITORED = ["monitor a", "monitor b", "monitor c"];
/** The listener is removed after the first rejection, so that the process may die of the second. */
const FIRST = { throws: ["told a", "monitor b"], warns: ["told a"] };
const NONE = { throws: [], warns: [] };

/** What a host does about its rejections, one in each of three turns; `told` prints them. */
const HOSTS: Readonly<Record<string, Host>> = {
  "no listener": { throws: ["monitor a"], warns: [] },
  "a listener of before": { before: LISTEN, throws: ALL, warns: ALL },
  "a listener of after": { after: LISTEN, throws: ALL, warns: ALL },
  "a library that follows the listeners too": {
    after: `const theirs = () => undefined;
process.on("newListener", (event, added) => {
  if (event !== "unhandledRejection" || added === theirs || process.listeners(event).includes(theirs)) return;
  process.prependListener(event, theirs);
});
${LISTEN}`,
    throws: ALL,
    warns: ALL,
  },
  "listeners of before and after": {
    before: LISTEN,
    after: `process.on("unhandledRejection", () => say("another"));`,
    throws: ALL,
    warns: ALL,
  },
  "a listener put first": {
    before: LISTEN,
    after: `process.prependListener("unhandledRejection", () => say("first"));`,
    throws: ALL,
    warns: ALL,
  },
  "one for once, of before": { before: `process.once("unhandledRejection", told);`, ...FIRST },
  "one for once, of after": { after: `process.once("unhandledRejection", told);`, ...FIRST },
  "one for once that listens again": {
    after: `const again = (e) => { told(e); process.once("unhandledRejection", again); }; process.once("unhandledRejection", again);`,
    throws: ALL,
    warns: ALL,
  },
  "one that is removed later": {
    before: LISTEN,
    after: `later(() => process.removeListener("unhandledRejection", told));`,
    ...FIRST,
  },
  "one that removes itself": {
    after: `process.on("unhandledRejection", function self(e) { told(e); process.off("unhandledRejection", self); });`,
    ...FIRST,
  },
  "one that goes with all of its kind": {
    after: `${LISTEN} later(() => process.removeAllListeners("unhandledRejection"));`,
    ...FIRST,
  },
  "one that goes with all there are, ours too": {
    after: `${LISTEN} later(() => process.removeAllListeners());`,
    throws: ["told a"],
    warns: ["told a"],
  },
  "one that comes later": {
    after: `later(() => process.on("unhandledRejection", told)); process.on("uncaughtException", () => undefined);`,
    throws: ["monitor a", "told b", "told c"],
    strict: MONITORED,
    warns: ["told b", "told c"],
  },
  "one that throws the reason": {
    before: `process.on("unhandledRejection", (e) => { told(e); throw e; });`,
    throws: ["told a", "monitor a"],
    warns: ["told a", "monitor a"],
  },
  "one that throws, and one that catches": {
    before: `process.on("unhandledRejection", (e) => { told(e); throw new Error("own"); }); process.on("uncaughtException", (e) => say("caught " + e.message));`,
    throws: ["told a", "monitor own", "told b", "monitor own", "told c", "monitor own"],
    strict: ["monitor a", "monitor own", "monitor b", "monitor own", "monitor c", "monitor own"],
    warns: ["told a", "monitor own", "told b", "monitor own", "told c", "monitor own"],
  },
  "one that exits": {
    after: `process.on("unhandledRejection", (e) => { told(e); process.exit(9); });`,
    throws: ["told a"],
    warns: ["told a"],
  },
  "one that sets the exit code": {
    after: `process.on("unhandledRejection", (e) => { told(e); process.exitCode = 4; });`,
    throws: ALL,
    warns: ALL,
  },
  "listeners of every kind": {
    before: `${LISTEN} process.on("uncaughtException", (e, origin) => say("caught " + e.message + origin)); process.on("warning", (w) => say("warned " + w.name)); process.on("rejectionHandled", () => say("handled"));`,
    after: `process.on("uncaughtExceptionMonitor", (e, origin) => say("monitor " + origin));`,
    throws: ALL,
    strict: MONITORED,
    warns: ALL,
  },
  "a listener, and handles them later": {
    before: `${LISTEN} process.on("rejectionHandled", () => say("handled")); late = true;`,
    throws: ALL,
    warns: ALL,
  },
  "one for uncaught errors alone": {
    before: `process.on("uncaughtException", (e, origin) => say("caught " + e.message + origin));`,
    throws: MONITORED,
    strict: MONITORED,
    warns: [],
  },
  "nine listeners": { after: listeners(9), throws: ALL, warns: ALL },
  "as many as Node lets pass without a warning": { after: listeners(10), ...NONE },
  "more than that, of which Node warns": { after: listeners(11), ...NONE },
  "many, and no bound on them": {
    before: `process.setMaxListeners(0);`,
    after: listeners(12),
    throws: ALL,
    warns: ALL,
  },
  "some that are taken away and put back": {
    before: LISTEN,
    after: `later(() => { const all = process.listeners("unhandledRejection"); process.removeAllListeners("unhandledRejection"); say("none " + process.listenerCount("unhandledRejection")); for (const each of all) process.on("unhandledRejection", each); });`,
    throws: ALL,
    warns: ALL,
  },
};

const PROGRAM = `
  const fs = require("node:fs");
  const say = (text) => fs.writeSync(1, text + "\\n");
  const hosts = ${JSON.stringify(HOSTS)};
  const [, , name, notes, kind] = process.argv;
  let late = false;
  let turn = 0;
  const told = (reason) => say("told " + (reason.message ?? reason));
  /** After the first rejection, and before the second. */
  let between = () => undefined;
  const later = (work) => (between = work);
  /** Node makes an error of its own of a rejection with a text. */
  const textOf = (error) => /reason "(.)"/.exec(error?.message)?.[1] ?? error?.message ?? error;
  const note = (how, error) => fs.appendFileSync(notes, how + " " + textOf(error) + "\\n");
  const { before = "", after = "" } = hosts[name];
  eval(before);
  if (notes !== "")
    delivery.observeProcessEnd({
      onUncaught: (error) => { note("monitor", error); throw new Error("ours"); },
      onRejection: (error) => { note("told", error); throw new Error("ours"); },
    });
  eval(after);
  const reject = () => {
    const text = "abc"[turn++];
    const promise = Promise.reject(kind === "text" ? text : new Error(text));
    setImmediate(() => {
      if (late) promise.catch(() => undefined);
      if (turn === 1) between();
      if (turn < 3) setImmediate(reject);
    });
  };
  setImmediate(reject);
`;

describe("a host's unhandled rejections", () => {
  const file = bundleChild(["processHooks"], PROGRAM);
  let runs = 0;
  /** The end of a child, without stack frames or its pid. */
  const shape = ({ stderr, ...end }: ChildEnd): object => ({
    ...end,
    stderr: stderr
      .replaceAll(/\(node:\d+\)/g, "(node)")
      .split("\n")
      .filter((line) => !/^\s+at /.test(line)),
  });
  const run = (mode: string, ...args: readonly string[]): Promise<ChildEnd> =>
    runChild(mode === "" ? "--" : `--unhandled-rejections=${mode}`, [file, ...args]);

  describe.each(MODES)("with --unhandled-rejections=%s", (mode) => {
    it.each(Object.entries(HOSTS))("and %s end unchanged, and are observed", async (host, seen) => {
      const { throws, warns, strict = ["monitor a"] } = seen;
      const expected = mode === "strict" ? strict : /^(?:throw)?$/.test(mode) ? throws : warns;
      for (const kind of ["error", "text"]) {
        const notes = `${file}.${runs++}.notes`;
        writeFileSync(notes, "");
        const [bare, hooked] = await Promise.all([
          run(mode, host, "", kind),
          run(mode, host, notes, kind),
        ]);
        expect(shape(hooked)).toEqual(shape(bare));
        const lines = readFileSync(notes, "utf8").split("\n");
        expect(lines.filter((line) => line !== "")).toEqual(expected);
      }
    });
  });
});
