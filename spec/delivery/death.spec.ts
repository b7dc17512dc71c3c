import { readdirSync } from "node:fs";
import { bundleChild } from "./support/bundleChild";
import type { FaultServer } from "./support/faultServer";
import { accept, startFaultServer } from "./support/faultServer";
import { balanced, idsOf, makePipe } from "./support/makePipe";
import { newDirectory } from "./support/makeSpool";
import { runChild } from "./support/runChild";

/** Processes that were killed while they wrote; the bound is the time that a run may take. */
const KILLS = 8;

const WRITER = bundleChild(
  ["Courier", "Ledger", "observeProcessEnd"],
  `
  const [, , directory, url, how] = process.argv;
  const { writeSync } = require("node:fs");
  const ledger = new delivery.Ledger();
  const courier = new delivery.Courier({
    pipe: "posthog", url, ledger, spool: { directory }, maxParcelsPerPost: 20, timeoutMs: 20_000,
    assemble: (parcels) => "[" + parcels.map((p) => Buffer.from(p.body).toString()).join(",") + "]",
  });
  let next = 0;
  const parcel = () => {
    const id = process.pid + "-" + next++;
    ledger.accept(1);
    return { id, count: 1, urgent: true, body: JSON.stringify({ id, text: "x".repeat(200) }) };
  };
  const programs = {
    // Writes ahead, says so, and never sends.
    forever: () => {
      for (let i = 0; i < 20; i++) { const p = parcel(); courier.writeAhead(p); writeSync(1, p.id + "\\n"); }
      setImmediate(programs.forever);
    },
    // 2,000 parcels under way at a far end that hangs.
    exit: () => {
      delivery.observeProcessEnd({ onExit: () => { const t = performance.now(); courier.closeNow(); writeSync(1, JSON.stringify({ ms: performance.now() - t, stats: ledger.stats() }) + "\\n"); } });
      void courier.send(Array.from({ length: 2000 }, parcel));
      process.exit(4);
    },
    signal: () => {
      delivery.observeProcessEnd({ onSignal: () => courier.secure() });
      void courier.send(Array.from({ length: 50 }, parcel));
      setTimeout(() => process.kill(process.pid, "SIGTERM"), 30);
    },
    // Nothing of ours may hold the process: timers, sockets, a request that hangs, an open breaker.
    natural: () => { void courier.send([parcel()]); courier.spill([parcel()]); },
    ending: () => {
      delivery.observeProcessEnd({ onEnding: (ms) => courier.isIdle ? undefined : courier.drain(ms), onExit: () => { courier.closeNow(); writeSync(1, JSON.stringify(ledger.stats()) + "\\n"); } });
      void courier.send([parcel(), parcel()]);
    },
  };
  programs[how]();
`,
);

const ADOPTER = bundleChild(
  ["disk/Spool"],
  `
  let adopted = 0;
  const spool = new delivery.Spool({ onDrop: () => undefined, onAdopt: (n) => (adopted += n) }, { directory: process.argv[2] });
  const alive = setInterval(() => undefined, 1000);
  spool.adopt().then(() => {
    console.log(JSON.stringify(spool.take(1e6, 1e9).map((p) => p.id)));
    // Stays until all have looked: a segment of a living adopter is not to be taken.
    setTimeout(() => { clearInterval(alive); spool.close(); }, 400);
  });
`,
);

let server: FaultServer;
beforeEach(async () => {
  server = await startFaultServer();
});
afterEach(() => server.close());

describe("what a dead process left", () => {
  it("is all there after SIGKILL, and is taken by exactly one of several that start", async () => {
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

  it("is sent by the next one, and then gone from the disk", async () => {
    const directory = newDirectory();
    server.fault = () => undefined;
    const end = await runChild(WRITER, [directory, server.url, "exit"]);
    expect(end).toMatchObject({ code: 4, signal: null, stderr: "" });
    const { ms, stats } = JSON.parse(end.stdout) as { ms: number; stats: object };
    expect(stats).toMatchObject({ accepted: 2_000, spooled: 2_000, pending: 0, dropped: {} });
    process.stdout.write(`closing with 2,000 parcels under way: ${ms.toFixed(1)} ms\n`);

    server.fault = accept;
    const { courier, ledger } = makePipe(server.url, {
      spool: { directory },
      maxParcelsPerPost: 500,
      timeoutMs: 5_000,
    });
    await courier.flush(20_000);
    expect(balanced(ledger)).toMatchObject({
      accepted: 2_000,
      delivered: 2_000,
      replayed: 2_000,
      spooled: 0,
    });
    expect(new Set(idsOf(server.taken)).size).toBe(2_000);
    await courier.close(1_000);
    expect(readdirSync(directory)).toEqual([]);
  });

  it("is there after a signal that came while requests were under way", async () => {
    const directory = newDirectory();
    server.fault = () => undefined;
    expect(await runChild(WRITER, [directory, server.url, "signal"])).toMatchObject({
      code: null,
      signal: "SIGTERM",
      stderr: "",
    });
    server.fault = accept;
    const { courier, ledger } = makePipe(server.url, { spool: { directory } });
    await courier.flush(20_000);
    expect(balanced(ledger)).toMatchObject({ accepted: 50, delivered: 50 });
    courier.closeNow();
  });
});

describe("a process that has come to its end", () => {
  it.each([
    ["hangs", () => server.url],
    ["is not there", () => "http://127.0.0.1:1/"],
  ])("is not held by a far end that %s", async (_name, url) => {
    server.fault = () => undefined;
    expect(await runChild(WRITER, [newDirectory(), url(), "natural"])).toMatchObject({
      code: 0,
      signal: null,
      stderr: "",
    });
  });

  it("sends what is under way to a far end that is well, and leaves the rest to the spool when it hangs", async () => {
    const well = await runChild(WRITER, [newDirectory(), server.url, "ending"]);
    expect(JSON.parse(well.stdout)).toMatchObject({ delivered: 2, spooled: 0, pending: 0 });
    server.fault = () => undefined;
    const hung = await runChild(WRITER, [newDirectory(), server.url, "ending"]);
    expect(JSON.parse(hung.stdout)).toMatchObject({ delivered: 0, spooled: 2, pending: 0 });
  });
});
