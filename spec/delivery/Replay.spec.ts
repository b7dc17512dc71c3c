import { EventEmitter } from "node:events";
import type { Worker } from "node:worker_threads";
import { CircuitBreaker } from "../../lib/delivery/CircuitBreaker.js";
import { Replay, REPLAY_DEFAULTS } from "../../lib/delivery/Replay.js";
import * as timers from "../../lib/shared/timers.js";
import { until } from "./support/makeQueue.js";
import { ids, makeDisk, newDirectory, record } from "./support/makeDisk.js";

const nothing = (): void => undefined;

describe("the replay of records on disk", () => {
  /** The functions and delays of the timers that were set. */
  let set: [work: () => void, delayMs: number | undefined][];
  let sent: string[];
  let replay: Replay;
  beforeEach(() => {
    [set, sent] = [[], []];
    jest.spyOn(timers, "setTimeout").mockImplementation(((work: () => void, delayMs?: number) => {
      set.push([work, delayMs]);
      return { unref: () => set.length };
    }) as never);
    const { disk } = makeDisk({});
    disk.append([record("a"), record("b")], false);
    replay = new Replay(
      disk,
      new CircuitBreaker({ onOpen: nothing, onProbe: nothing, onClose: nothing }),
      REPLAY_DEFAULTS,
      (records) => {
        sent.push(...records.map(({ id }) => id));
        disk.settle(records.map(({ id }) => id));
        return Promise.resolve(true);
      },
    );
  });
  afterEach(() => jest.restoreAllMocks());

  it("runs after a while, once however many ask for it", async () => {
    replay.schedule();
    replay.schedule();
    replay.schedule(0);
    expect(set.map(([, delayMs]) => delayMs)).toEqual([REPLAY_DEFAULTS.replayDelayMs]);
    set[0]?.[0]();
    await replay.run();
    expect(sent).toEqual(["a", "b"]);
    replay.schedule(7);
    expect(set[1]?.[1]).toBe(7);
  });

  it("never runs after the end", async () => {
    await replay.stop();
    replay.schedule();
    await replay.run();
    expect([set, sent]).toEqual([[], []]);
  });

  it("continues until all that dead processes left is sent, however much", async () => {
    const directory = newDirectory();
    const left = Array.from({ length: 3 }, (_, file) =>
      Array.from({ length: 1_500 }, (_, i) => `${file}-${i}`),
    );
    for (const names of left) {
      const { disk } = makeDisk({ directory });
      const records = names.map((name) => record(name));
      disk.append(records, false);
      disk.close();
    }
    const { disk } = makeDisk({ directory });
    const breaker = new CircuitBreaker({ onOpen: nothing, onProbe: nothing, onClose: nothing });
    const options = { ...REPLAY_DEFAULTS, maxRecordsPerRequest: 500 };
    jest.restoreAllMocks();
    replay = new Replay(disk, breaker, options, (records) => {
      sent.push(...records.map(({ id }) => id));
      disk.settle(records.map(({ id }) => id));
      return Promise.resolve(true);
    });
    await replay.run();
    await replay.stop();
    expect(sent.sort()).toEqual(left.flat().sort());
  });
});

describe("a run", () => {
  /** The endpoint's replies to the next requests; it takes all later ones. */
  let replies: (boolean | Error)[];
  let sent: string[][];
  let probes: number;
  let made: { disk: ReturnType<typeof makeDisk>["disk"]; breaker: CircuitBreaker; replay: Replay };

  function makeReplay(options: Partial<typeof REPLAY_DEFAULTS> = {}, directory?: string): void {
    const { disk } = makeDisk(directory === undefined ? {} : { directory });
    const breaker = new CircuitBreaker(
      { onOpen: nothing, onProbe: () => probes++, onClose: nothing },
      { firstPauseMs: 1 },
    );
    const replay = new Replay(disk, breaker, { ...REPLAY_DEFAULTS, ...options }, (records) => {
      sent.push(records.map(({ id }) => id));
      const reply = replies.shift() ?? true;
      if (reply instanceof Error) return Promise.reject(reply);
      if (reply) {
        disk.settle(records.map(({ id }) => id));
        breaker.succeed();
      }
      return Promise.resolve(reply);
    });
    made = { disk, breaker, replay };
  }
  /** Opens the breaker, and waits until it asks for its probe. */
  async function openBreaker(): Promise<void> {
    const before = probes;
    made.breaker.fail("down", 1);
    await until(() => probes > before);
  }
  beforeEach(() => {
    [replies, sent, probes] = [[], [], 0];
    makeReplay();
    made.disk.append([record("a"), record("b")], false);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    made.breaker.dispose();
    await made.replay.stop();
  });

  it("that is under way is the one that later callers get", async () => {
    const first = made.replay.run();
    expect(made.replay.run()).toBe(first);
    await first;
    expect(made.replay.run()).not.toBe(first);
    expect(sent).toEqual([["a"], ["b"]]);
  });

  it("sends nothing while the breaker is open, unless it is the probe", async () => {
    await openBreaker();
    await made.replay.run();
    expect(sent).toEqual([]);
    await made.replay.probe();
    expect([sent, made.breaker.isOpen]).toEqual([[["a"], ["b"]], false]);
  });

  it("that has nothing to probe with leaves the probe to the next request", async () => {
    made.disk.settle(["a", "b"]);
    await openBreaker();
    await made.replay.probe();
    expect([sent, made.breaker.isOpen, made.breaker.awaitsProbe]).toEqual([[], false, false]);
  });

  it("is not started by a probe that a run under way has answered", async () => {
    await openBreaker();
    const under = made.replay.run(true);
    await Promise.all([made.replay.probe(), under]);
    expect(sent).toEqual([["a"], ["b"]]);
  });

  it("ends if the endpoint does not take a request, and starts again after a while", async () => {
    replies = [false];
    makeReplay({ replayDelayMs: 1 });
    made.disk.append([record("a"), record("b")], false);
    await made.replay.run();
    expect(sent).toEqual([["a"]]);
    await until(() => sent.length === 3);
    expect(sent.slice(1)).toEqual([["a"], ["b"]]);
  });

  it("does not start again by itself while the breaker is open, but waits for its probe", async () => {
    const set = jest.spyOn(timers, "setTimeout");
    replies = [false];
    await openBreaker();
    set.mockClear();
    await made.replay.run(true);
    made.breaker.fail("down", 60_000);
    expect(set.mock.calls.map(([, delayMs]) => delayMs)).not.toContain(
      REPLAY_DEFAULTS.replayDelayMs,
    );
    expect(sent).toEqual([["a"]]);
  });

  it("that fails unexpectedly neither rejects nor leaves a probe unanswered", async () => {
    replies = [new Error("unforeseen")];
    await openBreaker();
    await made.replay.probe();
    // The breaker asks again later, as after any failed probe.
    expect([made.breaker.isOpen, made.breaker.awaitsProbe]).toEqual([true, false]);
    await until(() => probes === 2);
    await made.replay.probe();
    expect(sent).toEqual([["a"], ["a"], ["b"]]);
  });

  it("that fails while the breaker is closed does not open it", async () => {
    replies = [new Error("unforeseen"), new Error("unforeseen"), new Error("unforeseen")];
    for (let i = 0; i < 3; i++) await made.replay.run();
    expect(made.breaker.isOpen).toBe(false);
  });

  it("adopts again after a run whose adoption failed", async () => {
    const directory = newDirectory();
    makeReplay({}, directory);
    const adopt = jest.spyOn(made.disk, "adopt").mockRejectedValueOnce(new Error("unforeseen"));
    await made.replay.run();
    expect(adopt).toHaveBeenCalledTimes(1);
    leave(directory, "left");
    await made.replay.run();
    expect(sent).toEqual([["left"]]);
  });

  it("adopts the first time, then only at intervals, until it is stopped", async () => {
    const directory = newDirectory();
    makeReplay({ adoptEveryMs: 60_000 }, directory);
    const adopt = jest.spyOn(made.disk, "adopt");
    const every = jest.spyOn(timers, "setInterval");
    await made.replay.run();
    await made.replay.run();
    expect(adopt).toHaveBeenCalledTimes(1);
    leave(directory, "left");
    const call = every.mock.calls.findIndex(([, delay]) => delay === 60_000);
    (every.mock.calls[call]?.[0] as () => void)();
    await made.replay.run();
    expect([adopt.mock.calls.length, sent]).toEqual([2, [["left"]]]);
    const clear = jest.spyOn(timers, "clearInterval");
    await made.replay.stop();
    const timer: unknown = every.mock.results[call]?.value;
    expect(clear.mock.calls.some(([cleared]) => cleared === timer)).toBe(true);
  });

  it("adopts what a worker thread left once the thread has ended", async () => {
    makeReplay({ replayDelayMs: 1 }, newDirectory());
    await made.replay.run();
    const ended = jest.spyOn(made.disk, "endThread");
    const adopt = jest.spyOn(made.disk, "adopt");
    // Jest has its own process object, on which Node emits nothing.
    const worker = Object.assign(new EventEmitter(), { threadId: 7 });
    for (const tell of process.listeners("worker")) tell(worker as unknown as Worker);
    worker.threadId = -1;
    expect(ended).not.toHaveBeenCalled();
    worker.emit("exit");
    await until(() => adopt.mock.calls.length === 1);
    expect(ended.mock.calls).toEqual([[7]]);
  });

  it("ends after the request in flight when it is stopped, and starts no other", async () => {
    const running = made.replay.run();
    let stopped: Promise<void> | undefined;
    const settle = jest.spyOn(made.disk, "settle");
    // The owner stops everything while the first request is being settled.
    settle.mockImplementationOnce((settled) => {
      stopped = made.replay.stop();
      made.disk.settle(settled);
    });
    await running;
    await stopped;
    expect([sent, ids(made.disk)]).toEqual([[["a"]], ["b"]]);
  });
});

/** Leaves a record in the folder, as a process that has ended would. */
function leave(directory: string, id: string): void {
  const { disk } = makeDisk({ directory });
  disk.append([record(id)], false);
  disk.close();
}
