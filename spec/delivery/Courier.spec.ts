import { diag, DiagLogLevel } from "@opentelemetry/api";
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import type { Courier } from "../../lib/delivery/Courier";
import type { CourierOptions } from "../../lib/delivery/CourierOptions";
import { readdirSync } from "node:fs";
import { makeSpool, newDirectory, parcel } from "./support/makeSpool";
import type { Fault, FaultServer } from "./support/faultServer";
import { accept, startFaultServer, status } from "./support/faultServer";
import type { TestPipe } from "./support/makePipe";
import { balanced, idsOf, makePipe, until } from "./support/makePipe";

let server: FaultServer;
let couriers: Courier[] = [];
const lines: string[] = [];

function pipe(options: Partial<CourierOptions> = {}, url = server.url): TestPipe {
  const made = makePipe(url, options);
  couriers.push(made.courier);
  return made;
}

beforeEach(async () => {
  server = await startFaultServer();
  lines.length = 0;
  const log = (line: string): void => void lines.push(line);
  diag.setLogger(
    { error: log, warn: log, info: log, debug: log, verbose: log },
    { logLevel: DiagLogLevel.INFO, suppressOverrideMessage: true },
  );
});
afterEach(async () => {
  for (const courier of couriers) courier.closeNow();
  couriers = [];
  diag.disable();
  await server.close();
});

describe("a courier and a far end that answers", () => {
  it("delivers in posts of bounded size, over one kept connection", async () => {
    const { courier, ledger, parcels } = pipe();
    await courier.send(parcels(25));
    expect(server.taken.map((body) => (JSON.parse(body) as unknown[]).length)).toEqual([10, 10, 5]);
    expect(balanced(ledger)).toMatchObject({
      accepted: 25,
      delivered: 25,
      replayed: 0,
      spooled: 0,
      pending: 0,
    });
    expect(server.connections).toBe(1);
  });

  it("gzips above a size, and tells of the bytes before", async () => {
    const sent: number[] = [];
    const { courier, ledger, parcels } = pipe({
      gzipAboveBytes: 100,
      onSent: (bytes) => sent.push(bytes),
    });
    const body = JSON.stringify({ id: "x".repeat(1_000) });
    await courier.send(parcels(1, { body }));
    expect(sent).toEqual([body.length + 2]);
    expect(server.taken).toEqual([`[${body}]`]);
    expect(server.gzipped).toBe(1);
    expect(balanced(ledger).delivered).toBe(1);
  });

  it("counts what partial success says was refused", async () => {
    const { courier, ledger, parcels } = pipe({
      readResponse: () => ({ rejected: 3, message: "too old" }),
    });
    await courier.send(parcels(10));
    expect(balanced(ledger)).toMatchObject({ delivered: 7, dropped: { rejected: 3 }, pending: 0 });
  });

  it("tries again on a new connection when the far end closed the kept one", async () => {
    const { courier, ledger, parcels } = pipe();
    await courier.send(parcels(1));
    let first = true;
    server.fault = (response, request, body) => {
      if (first) {
        first = false;
        request.socket.destroy();
      } else accept(response, request, body);
    };
    await courier.send(parcels(1));
    expect(balanced(ledger)).toMatchObject({ delivered: 2, spooled: 0, replayed: 0 });
    expect(server.connections).toBe(2);
  });
});

const drip: Fault = (response) => {
  response.writeHead(200);
  const timer = setInterval(() => response.write(" "), 20);
  response.on("close", () => clearInterval(timer));
};

const flood: Fault = (response) => {
  response.writeHead(200, { "content-type": "application/json" });
  const block = Buffer.alloc(64 * 1024, 0x20);
  let blocks = 1_024;
  const write = (): void => {
    while (blocks-- > 0 && !response.destroyed)
      if (!response.write(block)) return void response.once("drain", write);
    response.end("{}");
  };
  response.on("error", () => undefined);
  write();
};

const RETRYABLE: readonly (readonly [string, Fault])[] = [
  ["resets the connection", (_response, request) => void request.socket.resetAndDestroy()],
  ["hangs", () => undefined],
  [
    "sends headers and then nothing",
    (response) => response.writeHead(200, { "content-length": "10" }).flushHeaders(),
  ],
  ["drips bytes", drip],
  ["replies with 64 MB", flood],
  [
    "replies 200 with noise",
    (response) => response.writeHead(200).end("<html>Welcome to the hotel</html>"),
  ],
  ["talks no HTTP", (_response, request) => void request.socket.end("SSH-2.0-OpenSSH_9.9\r\n\r\n")],
  ...[408, 429, 500, 501, 502, 503, 504].map((code) => [`answers ${code}`, status(code)] as const),
  ["answers 429 with Retry-After", status(429, { "retry-after": "0" })],
  ["answers 503 with Retry-After", status(503, { "retry-after": "0" })],
];

describe.each(RETRYABLE)("a far end that %s", (_name, fault) => {
  it("gets everything once it recovers, and is spoken of in two lines", async () => {
    const { courier, ledger, parcels } = pipe({ timeoutMs: 150 });
    server.fault = fault;
    const sent: string[] = [];
    for (let i = 0; i < 4; i++) {
      const batch = parcels(5);
      sent.push(...batch.map(({ id }) => id));
      await courier.send(batch);
      expect(balanced(ledger)).toMatchObject({ delivered: 0, dropped: {} });
    }
    expect(courier.isOpen).toBe(true);
    expect(ledger.stats().spooled).toBe(20);
    const requests = server.requests;
    await courier.send(parcels(1));
    expect(ledger.stats().spooled).toBe(21);
    expect(server.requests - requests).toBeLessThanOrEqual(1);

    server.fault = accept;
    await until(() => ledger.stats().spooled === 0);
    expect(balanced(ledger)).toMatchObject({
      accepted: 21,
      delivered: 21,
      replayed: 21,
      dropped: {},
      pending: 0,
    });
    expect(new Set(idsOf(server.taken)).size).toBe(21);
    expect(idsOf(server.taken).slice(0, 20)).toEqual(sent);
    expect(courier.isOpen).toBe(false);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain("does not take telemetry");
    expect(lines[1]).toMatch(/is back after \d+\.\d s; spooled meanwhile: \d+, dropped: 0\./);
  });
});

const FINAL: readonly (readonly [number, string])[] = [
  [400, "http_400"],
  [401, "http_401"],
  [403, "http_403"],
  [404, "http_404"],
  [413, "http_413"],
  [422, "http_422"],
  [301, "redirect"],
  [307, "redirect"],
];

describe.each(FINAL)("a far end that answers %i", (code, reason) => {
  it(`costs what was sent, counted as ${reason}, and nothing else`, async () => {
    const { courier, ledger, parcels } = pipe();
    server.fault = status(code, { location: `${server.url}/elsewhere` });
    await courier.send(parcels(7));
    expect(balanced(ledger)).toMatchObject({
      delivered: 0,
      dropped: { [reason]: 7 },
      spooled: 0,
      pending: 0,
    });
    expect(courier.isOpen).toBe(false);
    server.fault = accept;
    await courier.send(parcels(3));
    expect(balanced(ledger).delivered).toBe(3);
    expect(lines).toEqual([]);
  });
});

describe("one poisoned parcel among others", () => {
  const poisonous: (poison: string) => Fault = (poison) => (response, request, body) => {
    if (body.includes(poison)) status(400)(response, request, body);
    else {
      server.taken.push(body);
      accept(response, request, body);
    }
  };

  it("is dropped by reason, and the others arrive once", async () => {
    const { courier, ledger, parcels } = pipe();
    const batch = parcels(10);
    server.fault = poisonous(`"${batch[3]?.id ?? ""}"`);
    await courier.send(batch);
    expect(balanced(ledger)).toMatchObject({
      delivered: 9,
      dropped: { http_400: 1 },
      pending: 0,
      spooled: 0,
    });
    expect(idsOf(server.taken).sort()).toEqual(
      batch
        .filter((_, i) => i !== 3)
        .map(({ id }) => id)
        .sort(),
    );
  });

  it("is narrowed down out of the spool as well", async () => {
    const { courier, ledger, parcels } = pipe();
    const batch = parcels(10);
    server.fault = poisonous(`"${batch[7]?.id ?? ""}"`);
    courier.spill(batch);
    await courier.flush(5_000);
    expect(balanced(ledger)).toMatchObject({
      delivered: 9,
      replayed: 9,
      dropped: { http_400: 1 },
      spooled: 0,
    });
  });

  it("leaves the second half where it is safe when the far end goes away in between", async () => {
    const { courier, ledger, parcels } = pipe();
    let requests = 0;
    server.fault = (response, request, body) =>
      status(requests++ === 0 ? 400 : 503)(response, request, body);
    await courier.send(parcels(10));
    expect(balanced(ledger)).toMatchObject({ delivered: 0, dropped: {}, spooled: 10, pending: 0 });
  });
});

describe("a parcel that is too large for the far end", () => {
  it.each(["sent", "spilled"])("is split when the pipe can, %s", async (how) => {
    const split: CourierOptions["split"] = ({ id, count, body, ...rest }) => {
      if (count < 2) return undefined;
      const half = count >> 1;
      return [half, count - half].map((part, i) => ({
        ...rest,
        body,
        id: `${id}.${i}`,
        count: part,
      }));
    };
    const { courier, ledger, parcels } = pipe({
      split,
      assemble: (all) => JSON.stringify(all.map(({ id, count }) => ({ id, count }))),
    });
    server.fault = (response, request, body) => {
      const [{ count } = { count: 0 }] = JSON.parse(body) as { count: number }[];
      if (count > 3) status(413)(response, request, body);
      else accept(response, request, body);
    };
    const batch = parcels(1, { count: 10 });
    if (how === "sent") await courier.send(batch);
    else courier.spill(batch);
    await courier.flush(5_000);
    expect(balanced(ledger)).toMatchObject({
      accepted: 10,
      delivered: 10,
      dropped: {},
      pending: 0,
      spooled: 0,
    });
  });
});

describe("a far end that is not there", () => {
  it.each([
    ["refuses", "http://127.0.0.1:1/v1/traces", "refused"],
    ["has no address", "http://nobody.invalid/v1/traces", "unknown_host"],
  ])("%s: parcels are spooled, and the line says why", async (_name, url, reason) => {
    const { courier, ledger, parcels } = pipe({ timeoutMs: 5_000 }, url);
    for (let i = 0; i < 3; i++) await courier.send(parcels(2));
    expect(balanced(ledger)).toMatchObject({ spooled: 6, dropped: {}, pending: 0 });
    expect(lines).toEqual([expect.stringContaining(`(${reason})`)]);
  });

  it("is an address that no request can be made of: dropped by reason, nothing thrown", async () => {
    for (const [url, reason] of [
      ["not a url", "invalid_url"],
      ["ftp://127.0.0.1/x", "invalid_request"],
      ["http://us%er:p%zz@127.0.0.1/x", "invalid_request"],
    ] as const) {
      const { courier, ledger, parcels } = pipe({}, url);
      await courier.send(parcels(2));
      expect(balanced(ledger).dropped).toEqual({ [reason]: 2 });
    }
  });

  it("cannot be asked because the host has broken node:http: nothing thrown, nothing held up, and a later parcel goes the same way", async () => {
    const http = process.getBuiltinModule("node:http") as { Agent: unknown };
    const real = http.Agent;
    http.Agent = function () {
      throw new Error("broken");
    };
    try {
      const { courier, ledger, parcels } = pipe();
      for (let i = 0; i < 10; i++) await courier.send(parcels(1));
      expect(balanced(ledger)).toMatchObject({ dropped: { invalid_request: 10 }, pending: 0 });
    } finally {
      http.Agent = real;
    }
  });

  it("is lost in a fault of our own: the parcels go to the spool, and nothing is held up", async () => {
    const { courier, ledger, parcels } = pipe({
      headers: new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error("unthought of");
          },
        },
      ),
    });
    for (let i = 0; i < 10; i++) await courier.send(parcels(1));
    expect(balanced(ledger)).toMatchObject({ spooled: 10, pending: 0 });
  });

  it("speaks TLS to a plain port: spooled as a failure of TLS", async () => {
    const { courier, ledger, parcels } = pipe(
      { timeoutMs: 5_000 },
      server.url.replace("http:", "https:"),
    );
    for (let i = 0; i < 3; i++) await courier.send(parcels(1));
    expect(balanced(ledger)).toMatchObject({ spooled: 3, pending: 0 });
    expect(lines).toEqual([expect.stringMatching(/\((tls|reset)\)/)]);
  });

  it("never says a word after connecting: given up at the deadline", async () => {
    const sockets = new Set<Socket>();
    const silent: Server = createServer((socket) => sockets.add(socket));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { courier, ledger, parcels } = pipe(
      { timeoutMs: 50 },
      `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`,
    );
    for (let i = 0; i < 3; i++) await courier.send(parcels(1));
    expect(balanced(ledger)).toMatchObject({ spooled: 3, pending: 0 });
    expect(lines).toEqual([expect.stringContaining("(timeout)")]);
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
});

describe("the end of a courier", () => {
  it("waits for what is under way when the far end is well", async () => {
    const { courier, ledger, parcels } = pipe();
    void courier.send(parcels(5));
    await courier.close(5_000);
    expect(balanced(ledger)).toMatchObject({ delivered: 5, pending: 0, spooled: 0 });
  });

  it("gives up on a far end that hangs, leaving nothing pending and no request behind", async () => {
    const { courier, ledger, parcels } = pipe({ timeoutMs: 20_000 });
    let closed = false;
    const arrived = new Promise<void>((resolve) => {
      server.fault = (_response, request) => {
        request.socket.on("close", () => (closed = true));
        resolve();
      };
    });
    const sent = courier.send(parcels(5));
    await arrived;
    expect(ledger.stats().pending).toBe(5);
    await courier.close(10);
    await sent;
    expect(balanced(ledger)).toMatchObject({
      delivered: 0,
      pending: 0,
      spooled: 0,
      dropped: { spool_unavailable: 5 },
    });
    await until(() => closed);
  });

  it("takes late parcels without a request and without a throw", async () => {
    const { courier, ledger, parcels } = pipe();
    await courier.close(10);
    await courier.close(10);
    courier.writeAhead(...(parcels(1) as [never]));
    await courier.send(parcels(2));
    expect(balanced(ledger)).toMatchObject({ dropped: { spool_unavailable: 2 }, pending: 1 });
    expect(server.requests).toBe(0);
  });
});

it("keeps a bounded number of posts under way, and spools the rest of a burst", async () => {
  const { courier, ledger, parcels } = pipe();
  server.fault = (response, request, body) => setTimeout(() => accept(response, request, body), 30);
  const all = Array.from({ length: 30 }, () => courier.send(parcels(1)));
  expect(ledger.stats()).toMatchObject({ pending: 8, spooled: 22 });
  await Promise.all(all);
  server.fault = accept;
  await courier.flush(10_000);
  expect(balanced(ledger)).toMatchObject({ delivered: 30, replayed: 22, pending: 0, spooled: 0 });
});

it("counts once what is handed over twice", async () => {
  const { courier, ledger, parcels } = pipe();
  const [sent, spilled, other] = [parcels(2), parcels(2), parcels(2)];
  courier.spill(spilled);
  courier.spill(spilled);
  await Promise.all([courier.send(sent), courier.send(sent), courier.send(spilled)]);
  expect(balanced(ledger)).toMatchObject({ delivered: 2, spooled: 2, pending: 2 });
  await courier.send(other);
  await courier.flush(5_000);
  expect(balanced(ledger)).toMatchObject({ delivered: 6, replayed: 2, pending: 0 });
  expect(idsOf(server.taken)).toHaveLength(6);
});

it("resolves, and balances, when every callback of the pipe throws", async () => {
  const boom = (): never => {
    throw new Error("boom");
  };
  diag.setLogger(
    { error: boom, warn: boom, info: boom, debug: () => undefined, verbose: () => undefined },
    { logLevel: DiagLogLevel.INFO, suppressOverrideMessage: true },
  );
  const broken = pipe({ assemble: boom });
  await broken.courier.send(broken.parcels(3));
  expect(balanced(broken.ledger).dropped).toEqual({ unassembled: 3 });

  server.fault = status(503, { "retry-after": "0" });
  const reading = pipe({ readResponse: boom });
  await reading.courier.send(reading.parcels(3));
  expect(reading.ledger.stats().spooled).toBe(3);
  server.fault = accept;
  await until(() => reading.ledger.stats().delivered === 3);
});

describe("a courier and its spool", () => {
  it("books once what the spool had to drop while it was on its way", async () => {
    let answer: (() => void) | undefined;
    server.fault = (response, request, body) => {
      answer = () => accept(response, request, body);
    };
    const record = 8_000;
    const big = { body: JSON.stringify({ id: "x", text: "x".repeat(record) }) };
    const { courier, ledger, parcels } = pipe({
      timeoutMs: 10_000,
      maxParcelsPerPost: 3,
      spool: { directory: newDirectory(), maxBytes: 100_000 },
    });
    courier.spill(parcels(3, big));
    await until(() => answer !== undefined);
    for (let i = 0; i < 20; i++) courier.spill(parcels(1, big));
    const full = balanced(ledger);
    expect(full.dropped["spool_full"]).toBeGreaterThanOrEqual(3);
    server.fault = status(503);
    answer?.();
    await until(() => courier.isOpen);
    // The three that were on their way are among the dropped; what waits is all the rest.
    expect(balanced(ledger)).toMatchObject({ delivered: 0, spooled: full.spooled });
  });

  it("takes over what a process leaves that dies later", async () => {
    const directory = newDirectory();
    const leave = (id: string): void => {
      const { spool } = makeSpool({ directory });
      spool.append(parcel(id), false);
      spool.close();
    };
    leave("before");
    const { ledger } = pipe({ adoptEveryMs: 20, spool: { directory } });
    await until(() => ledger.stats().delivered === 1);
    leave("later");
    await until(() => ledger.stats().delivered === 2);
    expect(balanced(ledger)).toMatchObject({ accepted: 2, replayed: 2 });
    expect(readdirSync(directory)).toEqual([]);
  });

  it("takes nothing over once it is closed", async () => {
    const directory = newDirectory();
    const { courier, ledger } = pipe({ replayDelayMs: 60_000, spool: { directory } });
    const other = makeSpool({ directory });
    other.spool.append(parcel("left behind"), false);
    other.spool.close();
    const before = readdirSync(directory);
    courier.closeNow();
    await courier.flush(1_000);
    expect(readdirSync(directory)).toEqual(before);
    expect(ledger.stats().accepted).toBe(0);
  });

  (process.platform === "linux" ? it : it.skip)(
    "holds no descriptor for each file that it took over",
    async () => {
      const directory = newDirectory();
      for (let i = 0; i < 60; i++) {
        const { spool } = makeSpool({ directory });
        spool.append(parcel(`dead ${i}`), false);
        spool.close();
      }
      server.fault = status(503);
      const before = readdirSync("/proc/self/fd").length;
      const { ledger } = pipe({ breaker: { firstPauseMs: 60_000 }, spool: { directory } });
      await until(() => ledger.stats().accepted === 60);
      expect(readdirSync("/proc/self/fd").length - before).toBeLessThan(20);
    },
  );
});
