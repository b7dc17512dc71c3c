import { diag } from "@opentelemetry/api";
import fc from "fast-check";
import fs, {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { DeliveryRecord } from "../../../lib/delivery/DeliveryRecord";
import type { DiskQueue } from "../../../lib/delivery/disk/DiskQueue";
import { formatAcks, formatRecord } from "../../../lib/delivery/disk/segmentCodec";
import { segmentName } from "../../../lib/delivery/disk/segmentOwner";
import * as timers from "../../../lib/shared/timers.js";
import { ids, makeDisk, newDirectory, record, textOf } from "../support/makeDisk";

let lines: string[];
beforeEach(() => {
  lines = [];
  const log = (line: string): void => void lines.push(line);
  diag.setLogger(
    {
      error: log,
      warn: log,
      info: () => undefined,
      debug: () => undefined,
      verbose: () => undefined,
    },
    { suppressOverrideMessage: true },
  );
});
afterEach(() => diag.disable());

const sizeOf = (directory: string): number =>
  readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);

/** Makes the segments in a folder look as if another process had left them, and returns their names. */
function orphan(directory: string, owner = "0...."): string[] {
  return readdirSync(directory).map((name, i) => {
    const orphaned = `${owner}0.orphan${i}.ndjson`;
    renameSync(join(directory, name), join(directory, orphaned));
    return orphaned;
  });
}

describe("a disk queue", () => {
  it("has a record on disk when append returns, as a line of JSON that only the owner can read", () => {
    const directory = newDirectory();
    const { disk } = makeDisk({ directory });
    disk.append([record("a", { urgent: true, count: 3 })], true);
    expect(JSON.parse(textOf(directory))).toMatchObject({
      v: 1,
      id: "a",
      count: 3,
      urgent: true,
      contentType: "application/json",
      body: { id: "a" },
    });
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(directory))
      expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
  });

  it.each([
    ["JSON text", '{"a":"ü😀\\n"}', undefined],
    ["JSON with line breaks", '{\n"a": 1\n}', undefined],
    ["JSON as bytes", Buffer.from('{"a":"ü"}'), undefined],
    ["bytes of any kind", Buffer.from([0, 10, 13, 255, 128]), "application/x-protobuf"],
    ["half a character", '"\ud800"', undefined],
    [
      "text that contains the format's own marks",
      JSON.stringify(',"body":,"checksum":"00000000"}'),
      undefined,
    ],
  ])("returns %s byte for byte", (_name, body, contentType) => {
    const { disk } = makeDisk({ directory: newDirectory() });
    const type = contentType === undefined ? {} : { contentType };
    disk.append([record(',"body":', { body, ...type })], false);
    const [back] = disk.take(1, 1e6);
    expect(back).toMatchObject({ id: ',"body":', contentType: contentType ?? "application/json" });
    expect(Buffer.from(back?.body as Uint8Array).equals(Buffer.from(body as string))).toBe(true);
  });

  it("returns records oldest first, within the limits of a request, without those that are held", () => {
    const { disk } = makeDisk({ directory: newDirectory() });
    for (const id of ["a", "b", "c", "d"])
      disk.append([record(id, { urgent: id === "b" })], id === "c");
    expect(disk.has("c") && !disk.isWaiting("c")).toBe(true);
    expect(ids(disk)).toEqual(["a", "b", "d"]);
    expect(disk.take(2, 1e6).map(({ id }) => id)).toEqual(["a", "b"]);
    expect(disk.take(9, 1).map(({ id }) => id)).toEqual(["a"]);
    disk.release("c");
    expect(ids(disk)).toEqual(["a", "b", "c", "d"]);
  });

  it("returns as many records as fit into the bytes of a request", () => {
    const { disk } = makeDisk({ directory: newDirectory() });
    const body = JSON.stringify("x".repeat(10_000));
    disk.append([record("a", { body }), record("b", { body }), record("c", { body })], false);
    expect(disk.take(9, 25_000).map(({ id }) => id)).toEqual(["a", "b"]);
  });

  it("is empty on disk when everything is settled, and leaves no file when closed", () => {
    const directory = newDirectory();
    const { disk, dropped } = makeDisk({ directory });
    for (const id of ["a", "b", "c"]) disk.append([record(id)], false);
    disk.settle(["a", "unknown"]);
    expect(textOf(directory)).toContain('{"ack":["a"]');
    disk.settle(["b", "c"]);
    expect(sizeOf(directory)).toBe(0);
    disk.append([record("d")], false);
    expect(ids(disk)).toEqual(["d"]);
    disk.settle(["d"]);
    disk.close();
    expect(dropped).toEqual({});
    expect(readdirSync(directory)).toEqual([]);
  });

  it("leaves its unsettled records, held ones included, to the next queue when closed", async () => {
    const directory = newDirectory();
    const first = makeDisk({ directory });
    for (const id of ["a", "b", "c"]) first.disk.append([record(id, { count: 2 })], id === "b");
    first.disk.settle(["a"]);
    first.disk.close();
    expect(first.dropped).toEqual({});
    const second = makeDisk({ directory });
    await second.disk.adopt();
    expect(second.adopted()).toBe(4);
    expect(ids(second.disk)).toEqual(["b", "c"]);
    second.disk.settle(["b", "c"]);
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe("a disk queue at its bounds", () => {
  const large = (id: string, urgent = false): DeliveryRecord =>
    record(id, { urgent, body: JSON.stringify("x".repeat(850)) });

  it("never takes more disk than allowed, and drops the oldest ordinary records first", () => {
    const directory = newDirectory();
    const { disk, dropped } = makeDisk({ directory, maxBytes: 80_000 });
    for (let i = 0; i < 30; i++) disk.append([large(`urgent${i}`, true)], false);
    for (let i = 0; i < 300; i++) {
      disk.append([large(`ordinary${i}`)], false);
      expect(sizeOf(directory)).toBeLessThanOrEqual(80_000);
    }
    const left = ids(disk);
    expect(left.filter((id) => id.startsWith("urgent"))).toHaveLength(30);
    expect(left.length).toBeGreaterThan(60);
    expect(left.slice(30)).toEqual(
      Array.from({ length: left.length - 30 }, (_, i) => `ordinary${330 - left.length + i}`),
    );
    expect(dropped).toEqual({ spool_full: 330 - left.length });
  });

  it("stays within them if many records arrive together", () => {
    const directory = newDirectory();
    const { disk, dropped } = makeDisk({ directory, maxBytes: 80_000 });
    disk.append(
      Array.from({ length: 300 }, (_, i) => large(`${i}`, i < 10)),
      false,
    );
    expect(sizeOf(directory)).toBeLessThanOrEqual(80_000);
    const left = ids(disk);
    expect(left.slice(0, 10)).toEqual(Array.from({ length: 10 }, (_, i) => `${i}`));
    expect(left.at(-1)).toBe("299");
    expect(left.length).toBeGreaterThan(50);
    expect(dropped).toEqual({ spool_full: 300 - left.length });
  });

  it("drops the oldest urgent records if there are no others", () => {
    const directory = newDirectory();
    const { disk, dropped } = makeDisk({ directory, maxBytes: 80_000 });
    for (let i = 0; i < 200; i++) disk.append([large(`${i}`, true)], false);
    const left = ids(disk);
    expect(sizeOf(directory)).toBeLessThanOrEqual(80_000);
    expect(left.at(-1)).toBe("199");
    expect(left[0]).toBe(`${200 - left.length}`);
    expect(dropped).toEqual({ spool_full: 200 - left.length });
  });

  it("never drops a record to make room for acknowledgements", () => {
    const directory = newDirectory();
    const { disk, dropped } = makeDisk({ directory, maxBytes: 80_000 });
    let written = 0;
    while (dropped["spool_full"] === undefined) disk.append([large(`${written++}`)], false);
    const [left, before] = [ids(disk), dropped["spool_full"]];
    // Settled one by one, so that each takes a line; whole segments would be deleted instead.
    for (const id of left.filter((_, i) => i % 2 === 0)) disk.settle([id]);
    expect(sizeOf(directory)).toBeLessThanOrEqual(80_000);
    expect(dropped).toEqual({ spool_full: before });
    expect(ids(disk)).toEqual(left.filter((_, i) => i % 2 === 1));
  });

  it("drops urgent records of an older version's mixed file after ordinary ones", async () => {
    const directory = newDirectory();
    mkdirSync(directory, { recursive: true });
    const mixed = [large("old"), large("old urgent", true)].map(formatRecord);
    writeFileSync(join(directory, segmentName()), Buffer.concat(mixed));
    const { disk, dropped } = makeDisk({ directory, maxBytes: 80_000 });
    await disk.adopt();
    for (let i = 0; i < 100; i++) disk.append([large(`${i}`)], false);
    expect(ids(disk).slice(0, 2)).toEqual(["old", "old urgent"]);
    expect(dropped["spool_full"]).toBeGreaterThan(20);
  });

  it("refuses a record that is too large, and counts it", () => {
    const { disk, dropped } = makeDisk({ directory: newDirectory(), maxBytes: 80_000 });
    disk.append([record("big", { count: 5, body: JSON.stringify("x".repeat(20_000)) })], false);
    expect(dropped).toEqual({ too_large: 5 });
    expect(disk.has("big")).toBe(false);
  });

  it("accepts a record of an eighth of the bound, and none that is larger", () => {
    const { disk, dropped } = makeDisk({ directory: newDirectory(), maxBytes: 80_000 });
    disk.append([record("largest", { body: "x".repeat(10_000) })], false);
    disk.append([record("larger", { body: "x".repeat(10_001) })], false);
    expect([disk.has("largest"), disk.has("larger")]).toEqual([true, false]);
    expect(dropped).toEqual({ too_large: 1 });
  });

  it("drops what is too old, and only that", async () => {
    const directory = newDirectory();
    const first = makeDisk({ directory });
    first.disk.append([record("old")], false);
    first.disk.close();
    await new Promise((resolve) => setTimeout(resolve, 60));
    const { disk, dropped } = makeDisk({ directory, maxAgeMs: 50 });
    await disk.adopt();
    disk.append([record("new")], false);
    expect(ids(disk)).toEqual(["new"]);
    expect(dropped).toEqual({ expired: 1 });
  });

  it("keeps records whichever way the clock is set, whether written before or after", async () => {
    const directory = newDirectory();
    const first = makeDisk({ directory });
    const now = Date.now();
    const clock = jest.spyOn(timers, "wallMs").mockReturnValue(now + 3_600_000);
    first.disk.append([record("a")], false);
    first.disk.close();
    clock.mockReturnValue(now);
    const { disk, dropped } = makeDisk({ directory, maxAgeMs: 1_800_000 });
    await disk.adopt();
    disk.append([record("b")], false);
    clock.mockReturnValue(now - 3_600_000);
    disk.append([record("c")], false);
    clock.mockReturnValue(now + 3_600_000);
    expect(ids(disk).sort()).toEqual(["a", "b", "c"]);
    expect(dropped).toEqual({});
    clock.mockRestore();
  });
});

describe("the bounds of a folder, over all processes", () => {
  const maxBytes = 80_000;
  const large = (id: string, urgent = false): DeliveryRecord =>
    record(id, { urgent, body: JSON.stringify("x".repeat(850)) });

  it("hold while processes come and go, and what is dropped is counted by the one that deletes it", async () => {
    const directory = newDirectory();
    let given = 0;
    for (let life = 0; life < 20; life++) {
      const { disk, dropped, adopted } = makeDisk({ directory, maxBytes });
      disk.append(
        Array.from({ length: 12 }, (_, i) => large(`${life}-${i}`, life === 0)),
        false,
      );
      disk.close();
      expect(sizeOf(directory)).toBeLessThanOrEqual(maxBytes);
      expect(adopted()).toBe(dropped["spool_full"] ?? 0);
      given += adopted();
    }
    const { disk } = makeDisk({ directory, maxBytes });
    await disk.adopt();
    const left = ids(disk);
    expect(left.length + given).toBe(240);
    // Urgent records go last, and of the others the oldest go first.
    expect(left.filter((id) => id.startsWith("0-"))).toHaveLength(12);
    // Files of the same millisecond are read in any order.
    expect(left).toContain("19-11");
  });

  it("leave each process room for a file, however much living ones hold, and do not touch theirs", () => {
    const directory = newDirectory();
    const first = makeDisk({ directory, maxBytes });
    for (let i = 0; i < 90; i++) first.disk.append([large(`${i}`)], false);
    const held = ids(first.disk).length;
    const second = makeDisk({ directory, maxBytes });
    for (let i = 0; i < 30; i++) second.disk.append([large(`second${i}`)], false);
    expect(ids(second.disk).at(-1)).toBe("second29");
    expect(ids(second.disk).length).toBeGreaterThan(5);
    expect(sizeOf(directory)).toBeLessThanOrEqual(maxBytes * 1.3);
    expect(ids(first.disk)).toHaveLength(held);
  });

  it("drop what is too old and unused, but not what only looks old", () => {
    const directory = newDirectory();
    const clock = jest.spyOn(timers, "wallMs").mockReturnValue(Date.now() - 7_200_000);
    const old = makeDisk({ directory });
    old.disk.append([record("old", { count: 3 })], false);
    old.disk.close();
    clock.mockRestore();
    const young = makeDisk({ directory });
    young.disk.append([record("young")], false);
    young.disk.close();
    for (const name of readdirSync(directory)) utimesSync(join(directory, name), 1, 1);
    const { disk, dropped, adopted } = makeDisk({ directory, maxAgeMs: 3_600_000 });
    disk.append([record("a")], false);
    expect([adopted(), dropped]).toEqual([3, { expired: 3 }]);
    expect(textOf(directory)).not.toContain('"old"');
    // What only looked old has no owner again, so any process may send it.
    const left = readdirSync(directory).filter((name) => name.startsWith("0."));
    expect(left.map((name) => readFileSync(join(directory, name), "utf8"))).toEqual([
      expect.stringContaining('"young"'),
    ]);
  });

  it("split a record that exceeds them, as long as it can be split", () => {
    const halves = ({ id, count, body }: DeliveryRecord): DeliveryRecord[] =>
      ["l", "r"].map((side, i) =>
        record(`${id}${side}`, {
          count: i === 0 ? count >> 1 : count - (count >> 1),
          body: JSON.stringify("x".repeat(body.length >> 1)),
        }),
      );
    const split = jest.fn((batch: DeliveryRecord) => (batch.count < 2 ? undefined : halves(batch)));
    const { disk, dropped } = makeDisk({ directory: newDirectory(), maxBytes, split });
    disk.append([record("a", { count: 5, body: JSON.stringify("x".repeat(35_000)) })], false);
    expect(ids(disk)).toEqual(["all", "alr", "arl", "arr"]);
    disk.append([record("b", { count: 3, body: JSON.stringify("x".repeat(35_000)) })], false);
    expect(dropped).toEqual({ too_large: 1 });
    expect(ids(disk).slice(4)).toEqual(["brl", "brr"]);
    split.mockReturnValue([record("c", { count: 1 }), record("d", { count: 1 })]);
    disk.append([record("e", { count: 3, body: JSON.stringify("x".repeat(35_000)) })], false);
    expect(dropped).toEqual({ too_large: 4 });
  });
});

describe("a folder or file that others can write to", () => {
  it.each([
    ["it may be written by others", (folder: string) => chmodSync(folder, 0o702)],
    ["the one above may", (folder: string) => chmodSync(dirname(folder), 0o720)],
    ["the one above that may", (folder: string) => chmodSync(dirname(dirname(folder)), 0o777)],
    [
      "it is a link",
      (folder: string): void => {
        renameSync(folder, `${folder}.elsewhere`);
        symlinkSync(`${folder}.elsewhere`, folder);
      },
    ],
  ])("is not read, written or counted: %s", async (_name, change) => {
    const directory = newDirectory();
    const first = makeDisk({ directory });
    first.disk.append([record("a")], false);
    first.disk.close();
    change(directory);
    const before = readdirSync(directory);
    const { disk, adopted } = makeDisk({ directory });
    await disk.adopt();
    disk.append([record("b")], false);
    expect([adopted(), ids(disk)]).toEqual([0, ["b"]]);
    expect(readdirSync(directory)).toEqual(before);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("others can write to it");
  });

  it("is skipped, as is a file with a second link, while other files are read", async () => {
    const directory = newDirectory();
    for (const id of ["shared", "linked", "good"]) {
      const { disk } = makeDisk({ directory });
      disk.append([record(id)], false);
      disk.close();
      const [name = ""] = readdirSync(directory).filter((each) => !each.includes(".keep."));
      if (id === "shared") chmodSync(join(directory, name), 0o622);
      if (id === "linked") linkSync(join(directory, name), `${directory}.link`);
      renameSync(join(directory, name), join(directory, `0....0.${id}.ndjson`));
      renameSync(join(directory, `0....0.${id}.ndjson`), join(directory, `0....0.keep.${id}`));
    }
    for (const id of ["shared", "linked", "good"])
      renameSync(join(directory, `0....0.keep.${id}`), join(directory, `0....0.${id}.ndjson`));
    const { disk } = makeDisk({ directory });
    await disk.adopt();
    expect(ids(disk)).toEqual(["good"]);
  });
});

describe("a disk that cannot be written", () => {
  it.each([
    [
      "a file in place of a folder",
      (): string => {
        const directory = newDirectory();
        mkdirSync(dirname(dirname(directory)), { recursive: true });
        writeFileSync(dirname(directory), "");
        return directory;
      },
    ],
    ["a file system that takes no files", (): string => "/proc/land-telemetry"],
  ])("because of %s is replaced by memory, up to a limit, and reported once", (_name, make) => {
    const { disk, dropped } = makeDisk({ directory: make(), maxMemoryBytes: 1_000 });
    const body = "x".repeat(300);
    disk.append([record("first", { urgent: true, body, contentType: "text/plain" })], false);
    for (let i = 0; i < 20; i++)
      disk.append([record(`${i}`, { body, contentType: "text/plain" })], false);
    expect(ids(disk)).toEqual(["first", "18", "19"]);
    expect(dropped).toEqual({ spool_full: 18 });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("kept in memory only");
    disk.settle(["first"]);
    disk.close();
    expect(dropped).toEqual({ spool_full: 18, spool_unavailable: 2 });
  });

  const inMemoryOf = (directory: string): ReturnType<typeof makeDisk> => {
    mkdirSync(dirname(dirname(directory)), { recursive: true });
    writeFileSync(dirname(directory), "");
    const made = makeDisk({ directory });
    made.disk.append([record("urgent", { urgent: true }), record("ordinary")], false);
    made.disk.append([record("held", { count: 2 })], true);
    return made;
  };

  it("that recovers receives what was kept in memory, with the first record after it is tried again", () => {
    const directory = newDirectory();
    let ms = 1_000;
    jest.spyOn(timers, "monotonicMs").mockImplementation(() => ms);
    const { disk, dropped } = inMemoryOf(directory);
    rmSync(dirname(directory));
    disk.append([record("early")], false);
    expect(() => readdirSync(directory)).toThrow("ENOENT");
    ms += 60_000;
    disk.append([record("next")], false);
    for (const id of ["urgent", "ordinary", "held", "early", "next"])
      expect(textOf(directory)).toContain(`"${id}"`);
    expect(disk.isWaiting("held")).toBe(false);
    expect(dropped).toEqual({});
  });

  it("that recovers receives what was kept in memory when the process ends, without a wait", async () => {
    const directory = newDirectory();
    const { disk, dropped } = inMemoryOf(directory);
    rmSync(dirname(directory));
    disk.releaseAll();
    disk.close();
    expect(dropped).toEqual({});
    const next = makeDisk({ directory });
    await next.disk.adopt();
    expect(ids(next.disk).sort()).toEqual(["held", "ordinary", "urgent"]);
  });

  it("is replaced by memory if the folder is removed and cannot be made again", () => {
    const directory = newDirectory();
    const { disk, dropped } = makeDisk({ directory, maxBytes: 8_000 });
    disk.append([record("a")], false);
    renameSync(directory, `${directory}.gone`);
    writeFileSync(directory, "");
    for (let i = 0; i < 40; i++) disk.append([record(`${i}`)], false);
    expect(dropped).toEqual({});
    expect(["a", "0", "39"].map((id) => disk.isWaiting(id))).toEqual([true, true, true]);
    expect(lines).toHaveLength(1);
  });
});

describe("adoption", () => {
  async function left(directory: string, owner: string, age = 0): Promise<string[]> {
    const writer = makeDisk({ directory });
    writer.disk.append([record("a")], false);
    writer.disk.close();
    for (const name of orphan(directory, owner))
      utimesSync(join(directory, name), Date.now() / 1_000 - age, Date.now() / 1_000 - age);
    const { disk } = makeDisk({ directory });
    await disk.adopt();
    return ids(disk);
  }
  const own = (): { started: string; namespace: string; boot: string } => {
    const directory = newDirectory();
    makeDisk({ directory }).disk.append([record("a")], false);
    const [, started = "", namespace = "", boot = ""] = readdirSync(directory)[0]?.split(".") ?? [];
    return { started, namespace, boot };
  };

  it("takes from dead processes: those that do not exist, or whose pid another process has", async () => {
    const { namespace, boot } = own();
    expect(await left(newDirectory(), `4194303.1.${namespace}.${boot}.`)).toEqual(["a"]);
    expect(await left(newDirectory(), `${process.ppid}.1.${namespace}.${boot}.`)).toEqual(["a"]);
    expect(await left(newDirectory(), `${process.pid}.1.${namespace}.${boot}.`)).toEqual(["a"]);
  });

  it("takes nothing from living processes: this one, or its parent with or without a start time", async () => {
    const { started, namespace, boot } = own();
    const parent =
      readFileSync(`/proc/${process.ppid}/stat`, "utf8")
        .replace(/^.*\) /, "")
        .split(" ")[19] ?? "";
    expect(await left(newDirectory(), `${process.pid}.${started}.${namespace}.${boot}.`)).toEqual(
      [],
    );
    expect(await left(newDirectory(), `${process.ppid}.${parent}.${namespace}.${boot}.`)).toEqual(
      [],
    );
    expect(await left(newDirectory(), `${process.ppid}..${namespace}.${boot}.`)).toEqual([]);
  });

  it("takes from another pid namespace only what has not been touched for long", async () => {
    const { boot } = own();
    expect(await left(newDirectory(), `4194303.1.77.${boot}.`, 60)).toEqual([]);
    expect(await left(newDirectory(), `4194303.1.77.${boot}.`, 2 * 3_600)).toEqual(["a"]);
  });

  it("renews the time of what it takes, by which processes in other pid namespaces judge it", async () => {
    const directory = newDirectory();
    const writer = makeDisk({ directory });
    writer.disk.append([record("a")], false);
    writer.disk.close();
    for (const name of readdirSync(directory)) utimesSync(join(directory, name), 1e9, 1e9);
    await makeDisk({ directory }).disk.adopt();
    const [name = ""] = readdirSync(directory);
    expect(Date.now() - statSync(join(directory, name)).mtimeMs).toBeLessThan(600_000);
  });

  it("takes what a thread of this process left once the thread has ended", async () => {
    const { started, namespace, boot } = own();
    const directory = newDirectory();
    const writer = makeDisk({ directory });
    writer.disk.append([record("a")], false);
    writer.disk.close();
    const [name = ""] = readdirSync(directory);
    const of = `${process.pid}.${started}.${namespace}.${boot}.7.a.ndjson`;
    renameSync(join(directory, name), join(directory, of));
    const { disk } = makeDisk({ directory });
    await disk.adopt();
    expect(ids(disk)).toEqual([]);
    disk.endThread(7);
    await disk.adopt();
    expect(ids(disk)).toEqual(["a"]);
  });

  it("takes large amounts in parts, oldest first, the next once the last is settled, each record once", async () => {
    const directory = newDirectory();
    const all = [3, 1, 2].map((age) => {
      const names = Array.from({ length: 1_200 }, (_, i) => `${age}-${i}`);
      const writer = makeDisk({ directory });
      writer.disk.append(
        names.map((name) => record(name)),
        false,
      );
      const before = new Set(readdirSync(directory));
      writer.disk.close();
      const [file = ""] = readdirSync(directory).filter((name) => !before.has(name));
      utimesSync(join(directory, file), 1e9, Date.now() / 1_000 - age);
      return names;
    });
    const [oldest = [], newest = [], middle = []] = all;
    const { disk, adopted, dropped } = makeDisk({ directory });
    expect(await disk.adopt()).toBe(true);
    expect(adopted()).toBe(2_400);
    // Nothing more is taken while these wait.
    expect(await disk.adopt()).toBe(true);
    const first = ids(disk);
    expect(first.sort()).toEqual([...oldest, ...middle].sort());
    disk.settle(first);
    expect(await disk.adopt()).toBe(false);
    expect(ids(disk)).toEqual(newest);
    expect([adopted(), dropped]).toEqual([3_600, {}]);
  });

  it("drops what it took as it would its own: ordinary records before urgent ones, however old", async () => {
    const directory = newDirectory();
    for (const urgent of [true, false]) {
      const writer = makeDisk({ directory });
      writer.disk.append([record(urgent ? "urgent" : "ordinary", { urgent })], false);
      writer.disk.close();
    }
    // Named as by an older version, which put both kinds into one file.
    for (const name of readdirSync(directory)) {
      const isUrgent = readFileSync(join(directory, name), "utf8").includes('"urgent":true');
      const path = join(directory, `0....0.${isUrgent ? "first" : "second"}.ndjson`);
      renameSync(join(directory, name), path);
      utimesSync(path, 1e9, Date.now() / 1_000 - (isUrgent ? 100 : 50));
    }
    const { disk, dropped } = makeDisk({ directory, maxBytes: 4_000 });
    await disk.adopt();
    for (let i = 0; i < 20 && dropped["spool_full"] === undefined; i++)
      disk.append([record(`new ${i}`, { urgent: true, body: `"${"x".repeat(400)}"` })], false);
    expect(dropped).toEqual({ spool_full: 1 });
    expect(ids(disk)).toContain("urgent");
    expect(ids(disk)).not.toContain("ordinary");
  });

  it("deletes a file in which everything is settled, and stops its timer when closed", async () => {
    const directory = newDirectory();
    const writer = makeDisk({ directory });
    writer.disk.append([record("a"), record("b")], false);
    writer.disk.settle(["a"]);
    writer.disk.close();
    // As if the last acknowledgement had been written just before its process was killed.
    for (const name of readdirSync(directory))
      appendFileSync(join(directory, name), formatAcks(["b"]));
    const every = jest.spyOn(timers, "setInterval");
    const cleared = jest.spyOn(timers, "clearInterval");
    const { disk, adopted, dropped } = makeDisk({ directory });
    await disk.adopt();
    expect([adopted(), dropped, readdirSync(directory)]).toEqual([0, {}, []]);
    disk.close();
    for (const { value } of every.mock.results) expect(cleared).toHaveBeenCalledWith(value);
    expect(every.mock.results).toHaveLength(1);
    jest.restoreAllMocks();
  });

  it("reads nothing more once it is stopped", async () => {
    const directory = newDirectory();
    const writer = makeDisk({ directory });
    writer.disk.append([record("a", { body: `"${"x".repeat(900_000)}"` })], false);
    writer.disk.close();
    const { disk, adopted } = makeDisk({ directory });
    const read = jest.spyOn(fs, "readSync");
    await disk.adopt(() => read.mock.calls.length > 0);
    expect([adopted(), read.mock.calls.length]).toEqual([0, 1]);
    read.mockRestore();
  });

  it("gets past any number of files that are not ours", async () => {
    const directory = newDirectory();
    const writer = makeDisk({ directory });
    writer.disk.append([record("a")], false);
    writer.disk.close();
    for (let i = 0; i < 3_000; i++) writeFileSync(join(directory, `!${i}`), "");
    const { disk } = makeDisk({ directory });
    await disk.adopt();
    expect(ids(disk)).toEqual(["a"]);
  });

  it("takes what was last touched before the machine started", async () => {
    const { namespace } = own();
    const uptime = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
    expect(
      await left(newDirectory(), `${process.pid}.1.${namespace}.0123456789ab.`, uptime + 60),
    ).toEqual(["a"]);
    expect(await left(newDirectory(), `${process.pid}.1.${namespace}.0123456789ab.`, 0)).toEqual(
      [],
    );
  });

  it("leaves files of others alone, even behind a link", async () => {
    const directory = newDirectory();
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "notes.txt"), "mine");
    writeFileSync(`${directory}.secret`, "secret");
    symlinkSync(`${directory}.secret`, join(directory, "0....0.link.ndjson"));
    const { disk, adopted } = makeDisk({ directory });
    await disk.adopt();
    disk.close();
    expect(adopted()).toBe(0);
    expect(readdirSync(directory).sort()).toEqual(["0....0.link.ndjson", "notes.txt"]);
    expect(readFileSync(`${directory}.secret`, "utf8")).toBe("secret");
  });

  it("returns a record once if it is in two segments, as after an interrupted move", async () => {
    const directory = newDirectory();
    const writer = makeDisk({ directory });
    writer.disk.append([record("a")], false);
    writer.disk.close();
    const [name = ""] = orphan(directory);
    writeFileSync(join(directory, "0....0.copy.ndjson"), readFileSync(join(directory, name)));
    const { disk, adopted } = makeDisk({ directory });
    await disk.adopt();
    expect(adopted()).toBe(1);
    expect(ids(disk)).toEqual(["a"]);
  });

  it("skips and counts a torn last line, and can still write acknowledgements after it", async () => {
    const directory = newDirectory();
    const writer = makeDisk({ directory });
    for (const id of ["a", "b", "c"]) writer.disk.append([record(id)], false);
    writer.disk.close();
    const [name = ""] = orphan(directory);
    truncateSync(join(directory, name), sizeOf(directory) - 10);
    const { disk, adopted, dropped } = makeDisk({ directory });
    await disk.adopt();
    expect([adopted(), dropped]).toEqual([3, { spool_corrupt: 1 }]);
    expect(ids(disk)).toEqual(["a", "b"]);
    disk.settle(["a"]);
    disk.close();
    const next = makeDisk({ directory });
    await next.disk.adopt();
    expect(ids(next.disk)).toEqual(["b"]);
  });

  it("survives any damage: all that it returns was written, and the rest is counted", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.string(),
        async (damage, noise) => {
          const directory = newDirectory();
          const writer = makeDisk({ directory });
          const written = new Map(
            Array.from({ length: 8 }, (_, i) => [
              `id${i}`,
              JSON.stringify({ i, text: "ü".repeat(i) }),
            ]),
          );
          for (const [id, body] of written) writer.disk.append([record(id, { body })], false);
          writer.disk.settle(["id0"]);
          writer.disk.close();
          const [name = ""] = readdirSync(directory);
          const bytes = readFileSync(join(directory, name));
          for (const [at, value] of damage) bytes[at % bytes.length] = value;
          writeFileSync(join(directory, name), bytes);
          appendFileSync(join(directory, name), noise);
          const { disk, adopted, dropped } = makeDisk({ directory });
          await disk.adopt();
          const found = disk.take(100, 1e6);
          for (const { id, body } of found)
            expect(Buffer.from(body as Uint8Array).toString()).toBe(written.get(id));
          expect(adopted()).toBe(found.length + (dropped["spool_corrupt"] ?? 0));
          disk.settle(found.map(({ id }) => id));
          expect(readdirSync(directory)).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("is not needed to count a record that was damaged after it was written", () => {
    const directory = newDirectory();
    const { disk, dropped } = makeDisk({ directory });
    for (const id of ["a", "b"]) disk.append([record(id, { count: 2 })], false);
    const [name = ""] = readdirSync(directory);
    const text = readFileSync(join(directory, name), "utf8");
    writeFileSync(join(directory, name), text.replace('"id":"a"', '"id":"x"'));
    expect(ids(disk)).toEqual(["b"]);
    expect(dropped).toEqual({ spool_corrupt: 2 });
  });
});

describe("a disk that fails", () => {
  let now: number;
  beforeEach(() => {
    now = 1_000_000;
    jest.spyOn(timers, "monotonicMs").mockImplementation(() => now);
  });
  afterEach(() => jest.restoreAllMocks());

  /** A disk queue whose folder cannot be made, and the folder's parent, which is a file. */
  function blockedDisk(): { disk: DiskQueue; blocked: string } {
    const directory = newDirectory();
    const blocked = dirname(directory);
    mkdirSync(dirname(blocked), { recursive: true });
    writeFileSync(blocked, "a file where the folder should be");
    return { disk: makeDisk({ directory }).disk, blocked };
  }

  /** The seconds at which the disk is asked for the folder while a record arrives every second. */
  function triesWithin(disk: DiskQueue, seconds: number): number[] {
    const tries: number[] = [];
    const asked = jest.spyOn(fs, "mkdirSync");
    for (let second = 0; second < seconds; second++, now += 1_000) {
      asked.mockClear();
      disk.append([record(`${now}`)], false);
      if (asked.mock.calls.length > 0) tries.push(second);
    }
    asked.mockRestore();
    return tries;
  }

  it("is tried again after a second, then after pauses that double up to a minute", () => {
    const { disk } = blockedDisk();
    expect(triesWithin(disk, 200)).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183]);
  });

  it("is tried again after only a second once it has worked", () => {
    const { disk, blocked } = blockedDisk();
    triesWithin(disk, 10);
    rmSync(blocked);
    now += 60_000;
    disk.append([record("a")], false);
    expect(textOf(join(blocked, "0123"))).toContain('"id":"a"');
    disk.close();
    rmSync(blocked, { recursive: true });
    writeFileSync(blocked, "");
    expect(triesWithin(disk, 3)).toEqual([0, 1]);
  });
});
