import { readdirSync } from "node:fs";
import { bundleChild } from "./support/bundleChild";
import type { FaultServer } from "./support/faultServer";
import { accept, startFaultServer } from "./support/faultServer";
import { balanced, idsOf, makeQueue } from "./support/makeQueue";
import { newDirectory } from "./support/makeDisk";
import { runChild } from "./support/runChild";
import { exactly } from "../support/exactly.js";

/** How many processes are killed while they write, limited by the time that a run may take. */
const KILLS = 8;

const WRITER = bundleChild(
  ["DeliveryQueue", "DeliveryStats", "processHooks"],
  `
  const [, , directory, url, how] = process.argv;
  const { writeSync } = require("node:fs");
  const stats = new delivery.DeliveryStats();
  const queue = new delivery.DeliveryQueue({
    pipe: "posthog", stats, disk: { directory }, maxRecordsPerRequest: 20,
    format: { join: (records) => "[" + records.map((r) => Buffer.from(r.body).toString()).join(",") + "]" },
    settings: { url, headers: () => ({}), timeoutMillis: 20_000, compression: "none", agentFactory: () => new (require("node:http").Agent)({ keepAlive: true }) },
  });
  let next = 0;
  const record = () => {
    const id = process.pid + "-" + next++;
    queue.accept(1);
    return { id, count: 1, urgent: true, body: JSON.stringify({ id, text: "x".repeat(200) }) };
  };
  const programs = {
    // Writes ahead, says so, and never sends.
    forever: () => {
      for (let i = 0; i < 20; i++) { const p = record(); queue.persist(p); writeSync(1, p.id + "\\n"); }
      setImmediate(programs.forever);
    },
    // 2,000 records in flight at a endpoint that hangs.
    exit: () => {
      delivery.observeProcessEnd({ onExit: () => { const t = performance.now(); queue.closeNow(); writeSync(1, JSON.stringify({ ms: performance.now() - t, stats: stats.snapshot() }) + "\\n"); } });
      void queue.send(Array.from({ length: 2000 }, record));
      process.exit(4);
    },
    signal: () => {
      delivery.observeProcessEnd({ onSignal: () => queue.persistPending() });
      void queue.send(Array.from({ length: 50 }, record));
      setTimeout(() => process.kill(process.pid, "SIGTERM"), 30);
    },
    // Nothing of ours may hold the process: timers, sockets, a request that hangs, an open breaker.
    natural: () => { void queue.send([record()]); queue.store([record()]); },
    ending: () => {
      delivery.observeProcessEnd({ onEnding: (ms) => stats.snapshot().pending === 0 ? undefined : queue.drain(ms), onExit: () => { queue.closeNow(); writeSync(1, JSON.stringify(stats.snapshot()) + "\\n"); } });
      void queue.send([record(), record()]);
    },
  };
  programs[how]();
`,
);

const ADOPTER = bundleChild(
  ["disk/DiskQueue"],
  `
  let adopted = 0;
  const disk = new delivery.DiskQueue({ drop: () => undefined, adopt: (n) => (adopted += n) }, { directory: process.argv[2] });
  const alive = setInterval(() => undefined, 1000);
  disk.adopt().then(() => {
    console.log(JSON.stringify(disk.take(1e6, 1e9).map((p) => p.id)));
    // Stays until all have looked: a segment of a living adopter is not to be taken.
    setTimeout(() => { clearInterval(alive); disk.close(); }, 400);
  });
`,
);

let server: FaultServer;
beforeEach(async () => {
  server = await startFaultServer();
});
afterEach(() => server.close());

describe("what a dead process left", () => {
  it("is complete after SIGKILL, and each record is taken by only one of several new processes", async () => {
    const directory = newDirectory();
    const written = new Set<string>();
    for (let i = 0; i < KILLS; i++) {
      const after = 20 + Math.floor(Math.random() * 300);
      let seen = 0;
      const end = await runChild(WRITER, [directory, server.url, "forever"], (line, kill) => {
        if (/^\d+-\d+$/.test(line)) written.add(line);
        if (++seen === after) kill("SIGKILL");
      });
      expect(end.signal).toBe("SIGKILL");
    }
    const takers = await Promise.all(
      Array.from({ length: 4 }, () => runChild(ADOPTER, [directory])),
    );
    const taken = takers.flatMap(({ stdout }) => JSON.parse(stdout) as string[]);
    expect(taken.length).toBe(new Set(taken).size);
    expect([...written].filter((id) => !taken.includes(id))).toEqual([]);
    expect(written.size).toBeGreaterThan(KILLS * 20);
  });

  it("is sent by the next process, and then deleted from disk", async () => {
    const directory = newDirectory();
    server.fault = () => undefined;
    const end = await runChild(WRITER, [directory, server.url, "exit"]);
    expect(end).toMatchObject({ code: 4, signal: null, stderr: "" });
    const left = JSON.parse(end.stdout) as { ms: number; stats: object };
    expect(left.stats).toMatchObject({
      accepted: 2_000,
      spooled: 2_000,
      pending: 0,
      dropped: exactly({}),
    });
    process.stdout.write(`closing with 2,000 records in flight: ${left.ms.toFixed(1)} ms\n`);

    server.fault = accept;
    const { queue, stats } = makeQueue(server.url, {
      disk: { directory },
      maxRecordsPerRequest: 500,
      settings: { timeoutMillis: 5_000 },
    });
    await queue.flush(20_000);
    expect(balanced(stats)).toMatchObject({
      accepted: 2_000,
      delivered: 2_000,
      replayed: 2_000,
      spooled: 0,
    });
    expect(new Set(idsOf(server.taken)).size).toBe(2_000);
    await queue.close(1_000);
    expect(readdirSync(directory)).toEqual([]);
  });

  it("survives a signal that arrives while requests are in flight", async () => {
    const directory = newDirectory();
    server.fault = () => undefined;
    expect(await runChild(WRITER, [directory, server.url, "signal"])).toMatchObject({
      code: null,
      signal: "SIGTERM",
      stderr: "",
    });
    server.fault = accept;
    const { queue, stats } = makeQueue(server.url, { disk: { directory } });
    await queue.flush(20_000);
    expect(balanced(stats)).toMatchObject({ accepted: 50, delivered: 50 });
    queue.closeNow();
  });
});

describe("a process at its natural end", () => {
  it.each([
    ["hangs", () => server.url],
    ["is not there", () => "http://127.0.0.1:1/"],
  ])("is not kept alive by an endpoint that %s", async (_name, url) => {
    server.fault = () => undefined;
    expect(await runChild(WRITER, [newDirectory(), url(), "natural"])).toMatchObject({
      code: 0,
      signal: null,
      stderr: "",
    });
  });

  it("delivers what is in flight to a healthy endpoint, and spools it if the endpoint hangs", async () => {
    const well = await runChild(WRITER, [newDirectory(), server.url, "ending"]);
    expect(JSON.parse(well.stdout)).toMatchObject({ delivered: 2, spooled: 0, pending: 0 });
    server.fault = () => undefined;
    const hung = await runChild(WRITER, [newDirectory(), server.url, "ending"]);
    expect(JSON.parse(hung.stdout)).toMatchObject({ delivered: 0, spooled: 2, pending: 0 });
  });
});
