import { CircuitBreaker } from "../../lib/delivery/CircuitBreaker.js";
import { Replay, REPLAY_DEFAULTS } from "../../lib/delivery/Replay.js";
import * as timers from "../../lib/shared/timers.js";
import { makeDisk, newDirectory, record } from "./support/makeDisk.js";

const nothing = (): void => undefined;

describe("when records on disk are sent", () => {
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

  it("is after a while, once for however many ask", async () => {
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

  it("is never after the end", async () => {
    await replay.stop();
    replay.schedule();
    await replay.run();
    expect([set, sent]).toEqual([[], []]);
  });

  it("goes on until everything is sent that dead processes left, however much", async () => {
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
