import fs, { existsSync, readdirSync, readFileSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { currentOwner } from "../../lib/delivery/disk/segmentOwner.js";
import { judgeRun } from "../../lib/recorder/judgeRun.js";
import { RunFile } from "../../lib/recorder/RunFile.js";
import type { RunRecord } from "../../lib/recorder/runRecord.js";
import { parseRun } from "../../lib/recorder/runRecord.js";
import { newFolder, runStart } from "./support.js";

jest.mock("../../lib/shared/timers.js", () => jest.requireActual<object>("./jestTimers.js"));

let runs: string;
let file: RunFile;
beforeEach(() => {
  jest.useFakeTimers();
  runs = newFolder();
  file = new RunFile({ runs: () => runs, owner: currentOwner(), start: runStart() });
});
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

const path = (): string => join(runs, readdirSync(runs)[0] ?? "");
const read = (): RunRecord | undefined =>
  existsSync(runs) ? parseRun(readFileSync(path()), statSync(path()).mtimeMs) : undefined;
const lines = (): number => readFileSync(path(), "utf8").trim().split("\n").length;
const endedBy = (): string | undefined => {
  const record = read();
  return record && judgeRun(record, true).endedBy;
};

describe("the file of a run", () => {
  it("records once, after five seconds, that the process has launched", () => {
    file.begin();
    jest.advanceTimersByTime(4_999);
    expect(read()?.launched).toBe(false);
    jest.advanceTimersByTime(1);
    expect([read()?.launched, lines()]).toEqual([true, 2]);
    file.markLaunched();
    file.begin();
    expect([lines(), readdirSync(runs).length]).toEqual([2, 1]);
  });

  it("includes a launch that was marked before the file was made", () => {
    file.markLaunched();
    expect(existsSync(runs)).toBe(false);
    file.begin();
    expect(read()?.launched).toBe(true);
  });

  it("gives a sign of life every minute", () => {
    file.begin();
    file.markLaunched();
    utimesSync(path(), 1e9, 1e9);
    jest.advanceTimersByTime(59_999);
    expect(statSync(path()).mtimeMs).toBe(1e12);
    jest.advanceTimersByTime(1);
    expect(statSync(path()).mtimeMs).toBeGreaterThan(1e12);
  });

  it.each<[ended: string, how: string, end: () => void]>([
    ["exit", "an exit", () => file.sayExit(3)],
    ["signal", "a signal", () => file.saySignal("SIGTERM", true)],
    ["signal", "a signal that the host hears", () => file.saySignal("SIGTERM", false)],
    ["shutdown", "a shutdown", () => file.sayShutdown()],
    ["uncaught", "an error", () => file.sayUncaught("TypeError")],
    [
      "uncaught",
      "an error, and the exit for it",
      () => {
        file.sayUncaught("TypeError");
        file.sayExit(1);
      },
    ],
    [
      "exit",
      "an exit after an error that was survived",
      () => {
        file.sayUncaught("TypeError");
        jest.advanceTimersByTime(0);
        file.sayExit(1);
      },
    ],
    [
      "signal",
      "an exit soon after a signal",
      () => {
        file.saySignal("SIGTERM", false);
        jest.advanceTimersByTime(9_999);
        file.sayExit(0);
      },
    ],
    [
      "exit",
      "an exit long after a signal",
      () => {
        file.saySignal("SIGTERM", false);
        jest.advanceTimersByTime(10_000);
        file.sayExit(0);
      },
    ],
    [
      "exit",
      "whatever comes after the last word",
      () => {
        file.sayExit(0);
        file.sayUncaught("TypeError");
        file.saySignal("SIGTERM", true);
        file.sayShutdown();
      },
    ],
  ])("has %s as the end after %s", (ended, _, end) => {
    file.begin();
    end();
    expect(endedBy()).toBe(ended);
  });

  it("records the exit code, and names an error or a signal before the exit as the cause", () => {
    file.begin();
    expect(file.sayExit(3)).toBe("exit");
    expect(read()?.words).toMatchObject({ how: "exit", final: true, code: 3 });
    expect(file.sayExit(4)).toBe("exit");
    const failed = new RunFile({ runs: () => runs, owner: currentOwner(), start: runStart() });
    failed.sayUncaught("TypeError");
    expect(failed.sayExit(1)).toBe("uncaught");
    const stopped = new RunFile({ runs: () => runs, owner: currentOwner(), start: runStart() });
    stopped.saySignal("SIGTERM", false);
    expect(stopped.sayExit(undefined)).toBe("signal");
  });

  it("keeps no timer and no descriptor open after the last word, and records no launch", () => {
    const close = jest.spyOn(fs, "closeSync");
    file.begin();
    file.sayExit(0);
    file.markLaunched();
    expect([jest.getTimerCount(), close.mock.calls.length]).toEqual([0, 1]);
    expect(read()?.launched).toBe(false);
  });

  it("is made early if an error occurs, and not at all after the end", () => {
    file.sayExit(0);
    file.begin();
    expect(existsSync(runs)).toBe(false);
    const failed = new RunFile({ runs: () => runs, owner: currentOwner(), start: runStart() });
    failed.sayUncaught("TypeError");
    expect(read()?.words).toMatchObject({ how: "uncaught", final: false, error: "TypeError" });
  });

  it("causes no error if it cannot be written", () => {
    const cannot = new RunFile({
      runs: () => "/dev/null/runs",
      owner: currentOwner(),
      start: runStart(),
    });
    expect(() => {
      cannot.begin();
      cannot.markLaunched();
      jest.advanceTimersByTime(60_000);
      cannot.sayUncaught("TypeError");
      cannot.sayExit(1);
    }).not.toThrow();
  });
});
