import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { getServers, setServers } from "node:dns";
import type { LookupAddress } from "node:dns";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { HostLookup } from "../../lib/delivery/HostLookup";

const NAME_ERROR = 3;
const system = getServers();
let server: Socket;
let asked: number;

/** Starts a name server that answers every query with an error, or not at all. */
async function nameServer(answers: boolean): Promise<void> {
  server.on("message", (query, { port, address }) => {
    asked++;
    if (!answers) return;
    const reply = Buffer.from(query);
    reply.writeUInt16BE(0x8180 | NAME_ERROR, 2);
    server.send(reply, port, address);
  });
  server.bind(0, "127.0.0.1");
  await once(server, "listening");
  setServers([`127.0.0.1:${server.address().port}`]);
}

function lookUp(names: HostLookup, host: string): Promise<string | undefined> {
  return new Promise((resolve) =>
    names.lookup(
      host,
      {},
      (error: NodeJS.ErrnoException | null, address: string | LookupAddress[]) =>
        resolve(error?.code ?? String(address)),
    ),
  );
}

beforeEach(() => {
  server = createSocket("udp4");
  asked = 0;
});
afterEach(() => {
  server.close();
  setServers(system);
});

describe("HostLookup", () => {
  it("uses the system's look-up if a name server answers at all", async () => {
    await nameServer(true);
    // The system's look-up follows its own files, whatever this name server answers.
    expect(["ENOTFOUND", "EAI_AGAIN"]).toContain(
      await lookUp(new HostLookup(), "collector.invalid"),
    );
    expect(asked).toBeGreaterThan(0);
  });

  it("does not start the system's look-up, which cannot be cancelled, while the name servers are silent", async () => {
    await nameServer(false);
    expect(await lookUp(new HostLookup(), "collector.invalid")).toBe("ETIMEOUT");
  });

  it.each([
    ["10.0.0.9\tcollector.INVALID # ours", true],
    ["10.0.0.9 other collector.invalid", true],
    ["# 10.0.0.9 collector.invalid", false],
    ["10.0.0.9 my.collector.invalid", false],
    ["collector.invalid", false],
  ])("uses the system's look-up only for names in the hosts file: %j", async (line, known) => {
    await nameServer(false);
    const file = join(mkdtempSync(join(tmpdir(), "land-hosts-")), "hosts");
    writeFileSync(file, `127.0.0.1 localhost\n${line}\n`);
    // The system does not find the name when asked, since this is not its hosts file.
    const codes = known ? ["ENOTFOUND", "EAI_AGAIN"] : ["ETIMEOUT"];
    expect(codes).toContain(await lookUp(new HostLookup(file), "collector.invalid"));
    rmSync(dirname(file), { recursive: true });
  });

  it("asks no server about this machine", async () => {
    await nameServer(false);
    expect(await lookUp(new HostLookup(), "localhost")).toMatch(/^(?:127\.0\.0\.1|::1)$/);
    expect(asked).toBe(0);
  });

  it("waits longer after each silence, and can be cancelled while it waits", async () => {
    await nameServer(false);
    const names = new HostLookup();
    for (let i = 0; i < 5; i++) await lookUp(names, "collector.invalid");
    const order: string[] = [];
    // It waits longer than one that has met no silence yet, and stops waiting once it is cancelled.
    const long = lookUp(names, "collector.invalid").then(() => order.push("long"));
    const short = lookUp(new HostLookup(), "collector.invalid").then(() => order.push("short"));
    await short;
    const waits = Array.from({ length: 5 }, () => lookUp(names, "collector.invalid"));
    const other = lookUp(new HostLookup(), "collector.invalid").then(() => order.push("other"));
    names.cancel();
    expect(await Promise.all(waits)).toEqual(Array<string>(5).fill("ETIMEOUT"));
    await Promise.all([long, other]);
    expect(order).toEqual(["short", "long", "other"]);
  });

  it("returns to short waits once a name server has answered", async () => {
    let answers = false;
    server.on("message", (query, { port, address }) => {
      const reply = Buffer.from(query);
      reply.writeUInt16BE(0x8180 | NAME_ERROR, 2);
      if (answers) server.send(reply, port, address);
    });
    await nameServer(false);
    const names = new HostLookup();
    for (let i = 0; i < 5; i++) await lookUp(names, "collector.invalid");
    answers = true;
    await lookUp(names, "collector.invalid");
    answers = false;
    const fresh = new HostLookup();
    for (let i = 0; i < 4; i++) await lookUp(fresh, "collector.invalid");
    const order: string[] = [];
    await Promise.all([
      lookUp(fresh, "collector.invalid").then(() => order.push("after four silences")),
      lookUp(names, "collector.invalid").then(() => order.push("after an answer")),
    ]);
    expect(order).toEqual(["after an answer", "after four silences"]);
  });
});
