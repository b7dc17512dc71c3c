import { bundleChild } from "./support/bundleChild";
import type { ChildEnd } from "./support/runChild";
import { runChild } from "./support/runChild";

const SIGNAL_EXIT = require.resolve("signal-exit");

/** What a host's own code may do about its end. */
const HOSTS: Readonly<Record<string, string>> = {
  "nothing of its own": "",
  "listeners that only look": `
    for (const s of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(s, () => { say("saw " + s); setTimeout(() => process.exit(9), 20); });
    process.on("exit", (code) => say("exit " + code));`,
  "signal-exit": `require(${JSON.stringify(SIGNAL_EXIT)}).onExit((code, signal) => say("onExit " + code + " " + signal));`,
  "signal-exit and a listener after it": `
    require(${JSON.stringify(SIGNAL_EXIT)}).onExit((code, signal) => say("onExit " + code + " " + signal));
    process.on("SIGTERM", () => { say("mine"); process.exit(7); });`,
  "process.exit in a listener": `
    for (const s of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(s, () => process.exit(5));
    process.on("uncaughtException", () => process.exit(6));`,
  "process.exit in an exit listener": `process.on("exit", () => process.exit(11));`,
  "a listener that raises the signal again": `
    for (const s of ["SIGTERM", "SIGINT", "SIGHUP"]) process.once(s, () => { say("once " + s); process.kill(process.pid, s); });`,
  "a listener that takes all others away and raises again": `
    for (const s of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(s, () => { process.removeAllListeners(s); process.kill(process.pid, s); });`,
  "a listener put first": `
    for (const s of ["SIGTERM", "SIGINT", "SIGHUP"]) process.prependListener(s, () => { say("first " + s); setTimeout(() => process.exit(4), 20); });`,
  "handlers of uncaught errors": `
    process.on("uncaughtException", (e) => { say("caught " + e.message); process.exitCode = 3; clearInterval(alive); });
    process.on("unhandledRejection", (e) => { say("rejected " + e.message); process.exitCode = 2; clearInterval(alive); });`,
  "work that comes again at beforeExit": `
    let again = 3;
    process.on("beforeExit", () => { if (again-- > 0) setTimeout(() => say("again"), 5); });`,
};

const ENDS: Readonly<Record<string, string>> = {
  "a throw": `setTimeout(() => { throw new Error("thrown"); }, 5);`,
  "a rejection": `setTimeout(() => void Promise.reject(new Error("rejected")), 5);`,
  "a thrown string": `setTimeout(() => { throw "text"; }, 5);`,
  "process.exit": `setTimeout(() => process.exit(42), 5);`,
  "process.exitCode": `process.exitCode = 17; clearInterval(alive);`,
  "the natural end": `clearInterval(alive);`,
  SIGTERM: `process.kill(process.pid, "SIGTERM");`,
  SIGINT: `process.kill(process.pid, "SIGINT");`,
  SIGHUP: `process.kill(process.pid, "SIGHUP");`,
};

/** What a host does to die of the same signal as its child. */
const LAST_ACT = `clearInterval(alive); process.kill(process.pid, "SIGTERM");`;

const HOOKS = `
  const fs = require("node:fs");
  const note = (what) => fs.appendFileSync(process.argv[4], what + "\\n");
  const watch = () => delivery.observeProcessEnd({
    onUncaught: (error, origin) => { note("uncaught " + origin); throw new Error("ours"); },
    onSignal: (signal) => { note("signal " + signal); throw new Error("ours"); },
    onEnding: (budget) => { note("ending " + budget); return mode === "idle" ? undefined : new Promise((r) => setTimeout(r, 10)); },
    onExit: () => { note("exit"); throw new Error("ours"); },
  }, process.argv[5] === undefined ? true : JSON.parse(process.argv[5]));`;

/** One program for all cases; its arguments are the end, the host, the file for notes, options and a mode. */
const PROGRAM = `
  const say = (text) => require("node:fs").writeSync(1, text + "\\n");
  const alive = setInterval(() => undefined, 1000);
  const [, , end, host, notes, , mode] = process.argv;
  ${HOOKS}
  if (notes !== "" && mode !== "last") watch();
  (${JSON.stringify(HOSTS)})[host] && eval((${JSON.stringify(HOSTS)})[host]);
  if (notes !== "" && mode === "last") watch();
  setTimeout(() => eval((${JSON.stringify({ ...ENDS, "a signal as its last act": LAST_ACT })})[end]), 5);
`;

describe("the end of a process", () => {
  const file = bundleChild(["processHooks"], PROGRAM);
  const notes = (): string => `${file}.${Math.random().toString(36).slice(2)}.notes`;
  const without = (line: string): boolean => !/^\s+at /.test(line);
  const shape = ({ stderr, ...rest }: ChildEnd): object => ({
    ...rest,
    stderr: stderr.split("\n").filter(without),
  });

  describe.each(Object.keys(HOSTS))("with %s", (host) => {
    it.each(Object.keys(ENDS))("by %s is the same as without us", async (end) => {
      const noted = notes();
      const [bare, hooked] = await Promise.all([
        runChild(file, [end, host, ""]),
        runChild(file, [end, host, noted]),
      ]);
      expect(shape(hooked)).toEqual(shape(bare));
      const seen = await import("node:fs").then(({ readFileSync }) =>
        readFileSync(noted, "utf8").trim().split("\n"),
      );
      expect(seen).toContain(hooked.signal === null ? "exit" : `signal ${hooked.signal}`);
      expect(seen.filter((line) => line.startsWith("ending")).length).toBeLessThanOrEqual(1);
    });
  });

  it.each(Object.keys(HOSTS))(
    "with %s installed before us, by a signal, is the same as without us",
    async (host) => {
      for (const end of ["SIGTERM", "SIGHUP"]) {
        const [bare, hooked] = await Promise.all([
          runChild(file, [end, host, ""]),
          runChild(file, [end, host, notes(), "true", "last"]),
        ]);
        expect(shape(hooked)).toEqual(shape(bare));
      }
    },
  );

  // If the host has its own listener, Node may or may not end before the signal arrives, even without us.
  const deaf = Object.keys(HOSTS).filter((host) => !/SIG|signal/i.test(HOSTS[host] ?? ""));
  it.each(deaf)(
    "with %s, by a signal as its last act, is the same as without us if there is nothing to send",
    async (host) => {
      const end = "a signal as its last act";
      const [bare, hooked] = await Promise.all([
        runChild(file, [end, host, ""]),
        runChild(file, [end, host, notes(), "true", "idle"]),
      ]);
      expect(shape(hooked)).toEqual(shape(bare));
    },
  );

  it("is reported with its cause, except by hooks that are turned off", async () => {
    const { readFileSync } = await import("node:fs");
    const seen = async (end: string, options: string[] = []): Promise<string[]> => {
      const noted = notes();
      await runChild(file, [end, "nothing of its own", noted, ...options]);
      try {
        return readFileSync(noted, "utf8").trim().split("\n");
      } catch {
        return [];
      }
    };
    expect(await seen("a throw")).toEqual(["uncaught uncaughtException", "exit"]);
    expect(await seen("a rejection")).toEqual(["uncaught unhandledRejection", "exit"]);
    expect(await seen("the natural end")).toEqual(["ending 250", "exit"]);
    expect(await seen("process.exit")).toEqual(["exit"]);
    expect(await seen("SIGHUP")).toEqual(["signal SIGHUP"]);
    expect(await seen("SIGHUP", ["false"])).toEqual([]);
    expect(await seen("a throw", ["false"])).toEqual([]);
    expect(await seen("SIGHUP", ['{"signals":["SIGTERM","SIGNOTHING"]}'])).toEqual([]);
    expect(await seen("a throw", ['{"uncaught":false}'])).toEqual(["exit"]);
    expect(await seen("the natural end", ['{"beforeExit":false,"signals":false}'])).toEqual([
      "exit",
    ]);
    expect(await seen("the natural end", ['{"exit":false}'])).toEqual(["ending 250"]);
  });
});

describe("observeProcessEnd", () => {
  it("leaves no listener behind, sees repeated signals, and waits no longer than its budget", async () => {
    const program = bundleChild(
      ["processHooks"],
      `
      const events = ["exit", "beforeExit", "uncaughtExceptionMonitor", "SIGTERM", "SIGINT", "SIGHUP"];
      const before = events.map((e) => process.listenerCount(e)).join();
      let signals = 0;
      process.on("SIGTERM", () => undefined);
      const dispose = delivery.observeProcessEnd({ onSignal: () => signals++, onEnding: () => new Promise(() => undefined) }, true, 30);
      const wait = () => new Promise((r) => setTimeout(r, 20));
      (async () => {
        for (let i = 0; i < 3; i++) { process.kill(process.pid, "SIGTERM"); await wait(); }
        process.removeAllListeners("SIGTERM");
        dispose();
        console.log(signals, before === events.map((e) => process.listenerCount(e)).join());
        delivery.observeProcessEnd({ onEnding: () => new Promise(() => undefined) }, true, 30);
      })();
    `,
    );
    const { code, signal, stdout, stderr } = await runChild(program);
    expect({ code, signal, stdout, stderr }).toEqual({
      code: 0,
      signal: null,
      stdout: "3 true\n",
      stderr: "",
    });
  });

  it.each([
    ["no more than it would when there is nothing to send", "undefined", "beforeExit\n"],
    [
      "once more when there is, as Node has it for all that works there",
      "new Promise((r) => setTimeout(r, 5))",
      "beforeExit\nbeforeExit\n",
    ],
  ])("lets a host see beforeExit %s", async (_name, work, stdout) => {
    const program = bundleChild(
      ["processHooks"],
      `
      process.on("beforeExit", () => console.log("beforeExit"));
      delivery.observeProcessEnd({ onEnding: () => ${work} });
    `,
    );
    expect(await runChild(program)).toEqual({ code: 0, signal: null, stdout, stderr: "" });
  });

  it("leaves signals to the main thread", async () => {
    const program = bundleChild(
      ["processHooks"],
      `
      const { isMainThread, Worker } = require("node:worker_threads");
      if (isMainThread) new Worker(__filename).on("exit", (code) => console.log("thread", code));
      else {
        delivery.observeProcessEnd({ onExit: () => require("node:fs").writeSync(1, "exit " + process.listenerCount("SIGTERM") + "\\n") });
        setTimeout(() => process.exit(3), 5);
      }
    `,
    );
    expect(await runChild(program)).toMatchObject({
      code: 0,
      stdout: "exit 0\nthread 3\n",
      stderr: "",
    });
  });
});
