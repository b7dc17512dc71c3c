import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SegmentFolder } from "../../lib/delivery/disk/SegmentFolder.js";
import { currentOwner } from "../../lib/delivery/disk/segmentOwner.js";
import { PastRuns } from "../../lib/recorder/PastRuns.js";
import { readLastRun } from "../../lib/recorder/readLastRun.js";
import type { LastRun } from "../../lib/shared/LastRun.js";
import { DEAD, journalOf, leave, newFolder, runStart, spanLine } from "./support.js";

let [runs, journals]: string[] = [];
beforeEach(() => ([runs, journals] = [newFolder(), newFolder()]));
const go = (): Promise<boolean> => Promise.resolve(true);
const PARENT = "00f067aa0ba902b7";
const CHILD = "b7ad6b7169203331";

/** What a process reports about what it finds. */
async function report(self = currentOwner(), pause = go): Promise<string[]> {
  const reported: string[] = [];
  await new PastRuns(runs ?? "", journals ?? "", self).adopt(
    {
      reportRun: ({ verdict, record }, open) =>
        reported.push(`${record.start.tier} ${verdict.endedBy}: ${open.map((s) => s.name).join()}`),
      reportSpans: (journal, run) =>
        reported.push(`spans of ${run?.verdict.endedBy ?? "nobody"}: ${journal.open.length}`),
    },
    pause,
  );
  return reported;
}
function last(): LastRun | undefined {
  const [ofRuns, ofSpans] = [
    new SegmentFolder(runs ?? "", currentOwner(), "run"),
    new SegmentFolder(journals ?? "", currentOwner(), "spans"),
  ];
  const isVersion = (written: string): boolean => written === "1.2.3";
  return readLastRun(ofRuns, ofSpans, { tier: "cocoon", at: Date.now(), isVersion });
}
const UNCAUGHT = {
  words: { how: "uncaught", final: true, at: Date.now(), code: 1, error: "TypeError" },
};

describe("what dead processes have left", () => {
  it("is reported once: first a run with its open spans, then the spans", async () => {
    leave(runs ?? "", "run", [{ start: runStart() }]);
    const open = [{ open: spanLine("outer", PARENT) }, { open: spanLine("inner", CHILD, PARENT) }];
    leave(journals ?? "", "spans", [journalOf(), ...open]);
    expect(await report()).toEqual(["cocoon unknown: outer,inner", "spans of unknown: 2"]);
    expect(await report()).toEqual([]);
    expect(readdirSync(journals ?? "")).toEqual([]);
    expect(last()?.openSpans).toEqual(["outer", "inner"]);
  });

  it("has its open spans listed in the order in which they began, to the nanosecond", async () => {
    leave(runs ?? "", "run", [{ start: runStart() }]);
    const began = (name: string, id: string, ...start: number[]): object => ({
      open: { ...spanLine(name, id), start },
    });
    leave(journals ?? "", "spans", [
      journalOf(),
      began("fourth", CHILD, 101, 1),
      began("second", PARENT, 100, 8),
      began("third", CHILD.replace(/./, "1"), 101, 0),
      began("first", PARENT.replace(/./, "1"), 100, 7),
    ]);
    expect(await report()).toContain("cocoon unknown: first,second,third,fourth");
  });

  it("is reported once even if many look at the same time", async () => {
    leave(runs ?? "", "run", [{ start: runStart() }]);
    leave(journals ?? "", "spans", [journalOf(), { open: spanLine("outer", PARENT) }]);
    const all = await Promise.all(Array.from({ length: 8 }, () => report()));
    expect(all.flat()).toEqual(["cocoon unknown: outer", "spans of unknown: 1"]);
  });

  it.each([1, 2, 3, 4])(
    "is reported once in all if the first process to report ends after %i steps",
    async (steps) => {
      leave(runs ?? "", "run", [{ start: runStart() }]);
      leave(journals ?? "", "spans", [journalOf(), { open: spanLine("outer", PARENT) }]);
      let left = steps;
      const first = await report(currentOwner(), () => Promise.resolve(--left > 0));
      expect([...first, ...(await report())]).toEqual([
        "cocoon unknown: outer",
        "spans of unknown: 1",
      ]);
    },
  );

  it("is reported again if the process that claimed it died before it had reported it", async () => {
    // These were claimed by, and are named after, a process that is dead as well.
    leave(runs ?? "", "run", [{ start: runStart() }], { ...DEAD, pid: 4_194_302 });
    leave(journals ?? "", "spans", [journalOf()], { ...DEAD, pid: 4_194_302 });
    expect(await report()).toEqual(["cocoon unknown: ", "spans of unknown: 0"]);
  });

  it("excludes a living process's files, but not those of a dead one with the same pid", async () => {
    const self = { ...currentOwner(), thread: 0 };
    leave(runs ?? "", "run", [{ start: runStart({ owner: self }) }], self);
    leave(journals ?? "", "spans", [journalOf(self), { open: spanLine("outer", PARENT) }], self);
    expect([await report(), last()]).toEqual([[], undefined]);
    const reused = { ...self, started: "1" };
    leave(runs ?? "", "run", [{ start: runStart({ owner: reused }) }], reused);
    expect(await report()).toEqual(["cocoon unknown: "]);
  });

  it("is attributed to a reboot if the machine has restarted", async () => {
    const before = { ...DEAD, boot: "0123456789ab" };
    const path = leave(
      runs ?? "",
      "run",
      [{ start: runStart({ owner: before, at: 1e12 }) }],
      before,
    );
    utimesSync(path, 1e9, 1e9);
    expect(await report()).toEqual(["cocoon reboot: "]);
    expect(last()).toMatchObject({ endedBy: "reboot", crashed: false });
  });

  it("includes a journal without a run after a minute", async () => {
    const path = leave(journals ?? "", "spans", [journalOf(), { open: spanLine("x", PARENT) }]);
    expect(await report()).toEqual([]);
    utimesSync(path, new Date(Date.now() - 61_000), new Date(Date.now() - 61_000));
    expect(await report()).toEqual(["spans of nobody: 1"]);
  });

  it("is left alone if it is huge, or until it is a week old if it is another version's", async () => {
    const paths = [
      leave(runs ?? "", "run", [{ start: { ...runStart(), v: 2 } }]),
      leave(journals ?? "", "spans", [{ journal: { v: 2, run: "x" }, attributes: {} }]),
    ];
    writeFileSync(leave(runs ?? "", "run", []), Buffer.alloc(1e6, 0x61));
    expect(await report()).toEqual([]);
    for (const path of paths) expect(existsSync(path)).toBe(true);
    const week = new Date(Date.now() - 8 * 24 * 3_600_000);
    for (const path of paths) utimesSync(path, week, week);
    expect(await report()).toEqual([]);
    for (const path of paths) expect(existsSync(path)).toBe(false);
  });

  it("is deleted after a week if it is a journal that was being rewritten", async () => {
    const path = leave(journals ?? "", "spans.new", [journalOf()]);
    await report();
    expect(existsSync(path)).toBe(true);
    const week = new Date(Date.now() - 8 * 24 * 3_600_000);
    utimesSync(path, week, week);
    await report();
    expect(existsSync(path)).toBe(false);
  });

  it("is left to the next process by one that ends while reading journals", async () => {
    leave(runs ?? "", "run", [{ start: runStart() }]);
    leave(journals ?? "", "spans", [journalOf(), { open: spanLine("outer", PARENT) }]);
    expect(await report(currentOwner(), () => Promise.resolve(false))).toEqual([]);
    expect([readdirSync(journals ?? ""), readdirSync(runs ?? "")].flat()).toHaveLength(2);
  });

  it("is read without an error, at whatever byte it was torn", async () => {
    const path = leave(journals ?? "", "spans", [
      journalOf(),
      { open: spanLine("outer", PARENT) },
      { open: spanLine("inner", CHILD, PARENT) },
    ]);
    const whole = readFileSync(path);
    leave(runs ?? "", "run", [{ start: runStart() }]);
    const ends = [...whole.keys()].filter((index) => whole[index] === 0x0a);
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      // The first line is the journal's head; a line without its newline is whole all the same.
      const lines = ends.filter((end) => end <= length).length;
      expect([length, last()?.openSpans]).toEqual([
        length,
        ["outer", "inner"].slice(0, Math.max(0, lines - 1)),
      ]);
    }
    expect(await report()).toHaveLength(2);
  });

  it("does not pile up: only five runs of a tier are kept", async () => {
    for (let i = 0; i < 9; i++) leave(runs ?? "", "run", [{ start: runStart({ at: i }) }]);
    await report();
    const old = new Date(Date.now() - 61_000);
    for (const name of readdirSync(runs ?? "")) utimesSync(join(runs ?? "", name), old, old);
    await report();
    expect(readdirSync(runs ?? "")).toHaveLength(5);
  });
});

describe("the last run", () => {
  it.each(["before", "after"])(
    "was last seen when its journal was, if that is later than its own file, %s it was reported",
    async (when) => {
      const run = leave(runs ?? "", "run", [{ start: runStart() }]);
      const journal = leave(journals ?? "", "spans", [
        journalOf(),
        { open: spanLine("x", PARENT) },
      ]);
      const [started, seen] = [Date.now() - 50_000, Date.now() - 20_000];
      utimesSync(run, new Date(started), new Date(started));
      utimesSync(journal, new Date(seen), new Date(seen));
      if (when === "after") await report();
      expect(last()?.lastSeenAt.getTime()).toBeCloseTo(seen, -1);
    },
  );

  it("was last seen when its parent saw its end", () => {
    const at = Date.now() - 30_000;
    const path = leave(runs ?? "", "run", [
      { start: runStart() },
      { witness: { signal: "SIGKILL", expected: false, at } },
    ]);
    utimesSync(path, new Date(at - 10_000), new Date(at - 10_000));
    expect(last()).toMatchObject({ endedBy: "killed", lastSeenAt: new Date(at) });
  });

  it("is undefined if there was none, or only one of another tier or a later one", () => {
    expect(last()).toBeUndefined();
    leave(runs ?? "", "run", [{ start: runStart({ tier: "air" }) }]);
    leave(runs ?? "", "run", [{ start: runStart({ at: Date.now() + 60_000 }) }]);
    expect(last()).toBeUndefined();
  });

  it("reports how it ended and what a safe mode needs, both before and after it was reported", async () => {
    const at = Date.now() - 60_000;
    leave(runs ?? "", "run", [{ start: runStart({ at: at - 20 }) }, { launched: true }, UNCAUGHT]);
    leave(runs ?? "", "run", [{ start: runStart({ at: at - 10 }) }, UNCAUGHT]);
    leave(runs ?? "", "run", [{ start: runStart({ at, version: "1.2.2" }) }, UNCAUGHT]);
    const expected = {
      endedBy: "uncaught",
      crashed: true,
      crashedDuringLaunch: true,
      consecutiveLaunchCrashes: 2,
      startedAt: new Date(at),
      code: 1,
      error: "TypeError",
      witness: false,
      versionChanged: true,
      openSpans: [],
    };
    expect(last()).toMatchObject(expected);
    await report();
    expect(last()).toMatchObject(expected);
  });
});
