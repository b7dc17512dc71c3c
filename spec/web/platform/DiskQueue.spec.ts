import { DeliveryStats } from "../../../lib/delivery/DeliveryStats.js";
import type { DeliveryRecord } from "../../../lib/delivery/DeliveryRecord.js";
import type { DiskQueue as Queue } from "../../../lib/web/platform/delivery/disk/DiskQueue.js";
import type * as Shelf from "../../../lib/web/RecordShelf.js";
import { FakeDatabase, FakeLocks, FakeStorage } from "../support/storage.js";

const DIRECTORY = "posthog:0123456789abcdef";
let storage: FakeStorage;
let database: FakeDatabase;
let locks: FakeLocks;

beforeEach(() => {
  storage = new FakeStorage();
  database = new FakeDatabase();
  locks = new FakeLocks();
  give({ localStorage: storage, indexedDB: database, navigator: { locks } });
});
afterEach(() => {
  for (const name of ["localStorage", "indexedDB"]) Reflect.deleteProperty(globalThis, name);
});

/** Sets the globals of a page; undefined for those that it does not have. */
function give(globals: object): void {
  for (const [name, value] of Object.entries(globals))
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

/** A new window: the modules are loaded afresh, as each page loads them. */
function openWindow(directory: string | undefined = DIRECTORY): {
  readonly queue: Queue;
  readonly stats: DeliveryStats;
  readonly shelf: typeof Shelf;
} {
  let made: ReturnType<typeof openWindow> | undefined;
  jest.isolateModules(() => {
    /* eslint-disable @typescript-eslint/no-require-imports -- modules of their own */
    const { DiskQueue } =
      require("../../../lib/web/platform/delivery/disk/DiskQueue.js") as typeof import("../../../lib/web/platform/delivery/disk/DiskQueue.js");
    const shelf = require("../../../lib/web/RecordShelf.js") as typeof Shelf;
    /* eslint-enable @typescript-eslint/no-require-imports */
    const stats = new DeliveryStats();
    made = { queue: new DiskQueue(stats, { directory }), stats, shelf };
  });
  if (made === undefined) throw new Error("no window");
  return made;
}

/** All windows are gone, however they ended. */
function end(): void {
  locks.held.clear();
}

const record = (id: string, more: Partial<DeliveryRecord> = {}): DeliveryRecord => ({
  id,
  count: 1,
  urgent: true,
  body: `{"event":"${id}"}`,
  ...more,
});
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** What a later window takes over. */
async function adopted(): Promise<readonly DeliveryRecord[]> {
  const { queue } = openWindow();
  await queue.adopt();
  return queue.take(100, 1_000_000);
}

describe("what a page keeps", () => {
  it("is in localStorage before append returns if urgent, else in IndexedDB, and gone once settled", async () => {
    const { queue } = openWindow();
    queue.append([record("urgent"), record("ordinary", { urgent: false })], false);
    expect(Object.keys(storage)).toEqual([expect.stringMatching(/^land-telemetry:.*:urgent$/)]);
    await settled();
    expect([...database.rows.keys()]).toEqual([expect.stringMatching(/:ordinary$/)]);
    queue.settle(["urgent", "ordinary"]);
    await settled();
    expect([Object.keys(storage), database.rows.size]).toEqual([[], 0]);
  });

  it("is taken over by the next window once its own is gone, each record once", async () => {
    const { queue } = openWindow();
    queue.append([record("urgent"), record("ordinary", { urgent: false })], false);
    await settled();
    expect(await adopted()).toEqual([]);
    end();
    const next = await adopted();
    expect(next.map(({ id }) => id).sort()).toEqual(["ordinary", "urgent"]);
    expect(next.find(({ id }) => id === "urgent")?.body).toBe('{"event":"urgent"}');
    // They now belong to the next window, which is alive.
    expect(await adopted()).toEqual([]);
  });

  it("is gone once the window that took it over has settled it", async () => {
    openWindow().queue.append([record("urgent"), record("ordinary", { urgent: false })], false);
    await settled();
    end();
    const { queue } = openWindow();
    await queue.adopt();
    queue.settle(["urgent", "ordinary"]);
    await settled();
    expect([Object.keys(storage), database.rows.size]).toEqual([[], 0]);
  });

  it("is still stored if it is appended after the queue was closed", async () => {
    const { queue } = openWindow();
    queue.append([record("before", { urgent: false })], false);
    queue.close();
    await settled();
    queue.append([record("after", { urgent: false })], false);
    await settled();
    expect([...database.rows.keys()].map((key) => key.split(":").at(-1))).toEqual([
      "before",
      "after",
    ]);
  });

  it.each([
    ["id", 7],
    ["body", undefined],
    ["at", "now"],
    ["count", 0.5],
  ])("is deleted and not sent if its %s is %j", async (member, value) => {
    openWindow().queue.append([record("one")], false);
    const [key = ""] = Object.keys(storage);
    const kept = JSON.parse(storage.getItem(key) ?? "") as object;
    storage.whole[key] = JSON.stringify({ ...kept, [member]: value });
    end();
    expect(await adopted()).toEqual([]);
    expect(Object.keys(storage)).toEqual([]);
  });

  it("is not taken over for another destination", async () => {
    openWindow().queue.append([record("urgent")], false);
    end();
    const { queue } = openWindow("posthog:fedcba9876543210");
    await queue.adopt();
    expect(queue.take(100, 1_000_000)).toEqual([]);
  });

  it("is counted as expired after a week, and deleted uncounted if it is malformed", async () => {
    openWindow().queue.append([record("old")], false);
    const [key = ""] = Object.keys(storage);
    const kept = JSON.parse(storage.getItem(key) ?? "") as { at: number };
    storage.whole[key] = JSON.stringify({ ...kept, at: kept.at - 8 * 24 * 60 * 60 * 1_000 });
    storage.whole[`land-telemetry:${DIRECTORY}:somebody:1`] = "no JSON";
    storage.whole[`land-telemetry:${DIRECTORY}:somebody:2`] = '{"id":7}';
    storage.whole["theirs"] = "stays";
    end();
    const { queue, stats } = openWindow();
    await queue.adopt();
    expect(stats.snapshot()).toMatchObject({ accepted: 1, dropped: { expired: 1 }, spooled: 0 });
    expect(Object.keys(storage)).toEqual(["theirs"]);
  });

  it("stays in memory if there is no storage, or if it throws, is full or its database fails", async () => {
    const refusing = new FakeStorage();
    refusing.refuseWith(new DOMException("full", "QuotaExceededError"));
    const broken = new FakeDatabase();
    broken.isBroken = true;
    const throwing = {
      open: () => {
        throw new Error("no");
      },
    };
    for (const globals of [
      { localStorage: undefined, indexedDB: undefined },
      { localStorage: refusing, indexedDB: broken },
      { localStorage: refusing, indexedDB: throwing, navigator: {} },
    ]) {
      give(globals);
      const { queue, stats } = openWindow();
      queue.append([record("urgent"), record("ordinary", { urgent: false })], false);
      await settled();
      await queue.adopt();
      expect(queue.take(100, 1_000_000).map(({ id }) => id)).toEqual(["urgent", "ordinary"]);
      stats.accept(2);
      stats.spool(2);
      queue.close();
      expect(stats.snapshot()).toMatchObject({ dropped: { spool_unavailable: 2 }, spooled: 0 });
    }
  });

  it.each([
    [0, {}],
    [1, { expired: 1 }],
  ])(
    "that is a week and %i ms old when taken over is counted as dropped: %j",
    async (late, dropped) => {
      const WEEK_MS = 7 * 24 * 60 * 60 * 1_000;
      const clock = jest.spyOn(Date, "now").mockReturnValue(WEEK_MS);
      openWindow().queue.append([record("one")], false);
      end();
      clock.mockReturnValue(2 * WEEK_MS + late);
      const { queue, stats } = openWindow();
      await queue.adopt();
      clock.mockRestore();
      expect(stats.snapshot().dropped).toEqual(dropped);
    },
  );

  it("fills localStorage up to a million characters and no further", async () => {
    const { queue } = openWindow();
    queue.append([record("small", { body: "" })], false);
    const [key = ""] = Object.keys(storage);
    const rest = 1_000_000 - 2 * (storage.getItem(key)?.length ?? 0);
    queue.append([record("large", { body: "x".repeat(rest) }), record("one too many")], false);
    await settled();
    const idsOf = (keys: Iterable<string>): unknown =>
      [...keys].map((each) => each.split(":").at(-1));
    expect(idsOf(Object.keys(storage))).toEqual(["small", "large"]);
    expect(idsOf(database.rows.keys())).toEqual(["one too many"]);
  });

  it("is limited by characters in storage and by bytes in memory, dropping ordinary records first", () => {
    const { queue, stats } = openWindow();
    const body = "x".repeat(400_000);
    queue.append(
      [1, 2, 3, 4].map((each) => record(`big-${each}`, { body })),
      false,
    );
    expect(Object.keys(storage)).toHaveLength(2);
    const large = "y".repeat(3_000_000);
    stats.accept(7);
    stats.spool(7);
    queue.append(
      [1, 2, 3].map((each) => record(`${each}`, { body: large, urgent: false })),
      false,
    );
    expect(stats.snapshot().dropped).toEqual({ spool_full: 1 });
    expect(queue.isWaiting("1")).toBe(false);
    expect(queue.isWaiting("big-1")).toBe(true);
  });

  it("is taken only once it is released, alone or with all", () => {
    const { queue } = openWindow();
    const taken = (): readonly string[] => queue.take(10, 10_000).map(({ id }) => id);
    queue.append([record("a"), record("b")], true);
    expect(taken()).toEqual([]);
    expect([queue.release("a"), queue.release("gone")]).toEqual([true, false]);
    expect(taken()).toEqual(["a"]);
    expect(queue.releaseAll().map(({ id }) => id)).toContain("b");
    expect(taken()).toContain("b");
  });

  it("is dropped if it is too large and cannot be split", () => {
    const { queue, stats } = openWindow();
    stats.accept(1);
    stats.spool(1);
    queue.append([record("huge", { body: "z".repeat(5_000_000) })], false);
    expect(stats.snapshot().dropped).toEqual({ too_large: 1 });
  });

  it("arrives once if a window died while taking it over", async () => {
    openWindow().queue.append([record("one")], false);
    const [key = ""] = Object.keys(storage);
    const twin = key.replace(/:[^:]+:one$/, ":another:one");
    storage.whole[twin] = storage.getItem(key) ?? "";
    end();
    expect((await adopted()).map(({ id }) => id)).toEqual(["one"]);
  });

  it("is deleted on opting out of its pipe, and nothing else is", async () => {
    const { queue, shelf } = openWindow();
    queue.append([record("urgent")], false);
    storage.whole["land-telemetry:otlp:0:owner:1"] = "another pipe's";
    await shelf.clearKept("posthog");
    expect(Object.keys(storage)).toEqual(["land-telemetry:otlp:0:owner:1"]);
  });

  it("takes no lock before something is kept", () => {
    jest.isolateModules(() => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- a module of its own
      require("../../../lib/web/RecordShelf.js");
    });
    expect(locks.held.size).toBe(0);
  });
});
