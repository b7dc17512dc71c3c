import { gzipSync } from "node:zlib";
import { diag, DiagLogLevel } from "@opentelemetry/api";
import type { IncomingHttpHeaders } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import type { DeliveryQueue } from "../../lib/delivery/DeliveryQueue";
import type { DeliveryRecord } from "../../lib/delivery/DeliveryRecord";
import type { RequestFormat } from "../../lib/delivery/RequestFormat";
import { readdirSync } from "node:fs";
import { makeDisk, newDirectory, record, textOf } from "./support/makeDisk";
import type { Fault, FaultServer } from "./support/faultServer";
import { accept, startFaultServer, status } from "./support/faultServer";
import type { TestQueue, TestQueueOptions } from "./support/makeQueue";
import { balanced, idsOf, makeQueue, until } from "./support/makeQueue";
import { exactly } from "../support/exactly.js";

let server: FaultServer;
let queues: DeliveryQueue[] = [];
const lines: string[] = [];

function pipe(options: TestQueueOptions = {}, url = server.url): TestQueue {
  const made = makeQueue(url, options);
  queues.push(made.queue);
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
  for (const queue of queues) queue.closeNow();
  queues = [];
  diag.disable();
  await server.close();
});

describe("a queue whose endpoint answers", () => {
  it("delivers in requests of bounded size, over one connection that is kept alive", async () => {
    const { queue, stats, records } = pipe();
    await queue.send(records(25));
    expect(server.taken.map((body) => (JSON.parse(body) as unknown[]).length)).toEqual([10, 10, 5]);
    expect(balanced(stats)).toMatchObject({
      accepted: 25,
      delivered: 25,
      replayed: 0,
      spooled: 0,
      pending: 0,
    });
    expect(server.connections).toBe(1);
  });

  it("gzips bodies above a size, and gives `onRequest` the uncompressed bytes", async () => {
    const sent: number[] = [];
    const { queue, stats, records } = pipe({
      settings: { compression: "gzip", gzipAboveBytes: 100 },
      onRequest: (body) => sent.push(body.length),
    });
    const body = JSON.stringify({ id: "x".repeat(1_000) });
    await queue.send(records(1, { body }));
    expect(sent).toEqual([body.length + 2]);
    expect(server.taken).toEqual([`[${body}]`]);
    expect(server.gzipped).toBe(1);
    expect(balanced(stats).delivered).toBe(1);
  });

  it("sends the given headers, with the content type of the records", async () => {
    const seen: IncomingHttpHeaders[] = [];
    server.fault = (response, request, body) => {
      seen.push(request.headers);
      accept(response, request, body);
    };
    const headers = { "Content-Type": "application/json", Authorization: "Bearer x" };
    const { queue, records } = pipe({
      settings: { headers: () => Promise.resolve(headers), userAgent: "land" },
    });
    await queue.send(records(1, { contentType: "application/x-protobuf" }));
    await queue.send(records(1));
    const shared = { authorization: "Bearer x", "user-agent": "land" };
    expect(seen).toMatchObject([
      { ...shared, "content-type": "application/x-protobuf" },
      { ...shared, "content-type": "application/json" },
    ]);
  });

  it("counts what a partial success says was refused", async () => {
    const { queue, stats, records } = pipe({
      format: { readReply: () => ({ rejected: 3, message: "too old" }) },
    });
    await queue.send(records(10));
    expect(balanced(stats)).toMatchObject({ delivered: 7, dropped: { rejected: 3 }, pending: 0 });
  });

  it("counts records as unknown if the reply says nothing about them, and does not send them again", async () => {
    server.fault = (response) => response.writeHead(200).end('{"hello":"world"}');
    const { queue, stats, records } = pipe();
    expect(await queue.send(records(3))).toEqual({ status: "unknown", reason: "unknown" });
    queue.store(records(2));
    await queue.flush(5_000);
    expect(balanced(stats)).toMatchObject({
      accepted: 5,
      delivered: 0,
      unknown: 5,
      dropped: exactly({}),
    });
    expect(server.requests).toBe(2);
    expect(lines).toEqual([]);
  });

  it("counts refusals by the reason that a partial success gives, and reports it once", async () => {
    const { queue, stats, records } = pipe({
      format: { readReply: () => ({ rejected: 1, reason: "quota_limited" }) },
    });
    await queue.send(records(2));
    await queue.send(records(2));
    expect(balanced(stats)).toMatchObject({ delivered: 2, dropped: { quota_limited: 2 } });
    expect(lines).toEqual([
      expect.stringContaining("permanently refuses some telemetry (quota_limited);"),
    ]);
  });

  it("tries again on a new connection if the endpoint closed the old one", async () => {
    const { queue, stats, records } = pipe();
    await queue.send(records(1));
    let first = true;
    server.fault = (response, request, body) => {
      if (first) {
        first = false;
        request.socket.destroy();
      } else accept(response, request, body);
    };
    await queue.send(records(1));
    expect(balanced(stats)).toMatchObject({ delivered: 2, spooled: 0, replayed: 0 });
    expect(server.connections).toBe(2);
  });
});

describe("the result of a send", () => {
  it("is the endpoint's reply as bytes, if only one request was made", async () => {
    const body = Buffer.from([8, 255, 0, 1]);
    server.fault = (response) =>
      response.writeHead(200, { "content-type": "application/x-protobuf" }).end(body);
    const { queue, records } = pipe();
    expect(await queue.send(records(10))).toEqual({ status: "delivered", reply: body });
    expect(await queue.send(records(11))).toEqual({ status: "delivered", reply: undefined });
  });

  it("says why the records were kept or dropped", async () => {
    const { queue, stats, records } = pipe();
    server.fault = status(503);
    for (let i = 0; i < 3; i++)
      expect(await queue.send(records(1))).toEqual({ status: "kept", reason: "http_503" });
    expect(await queue.send(records(1))).toEqual({ status: "kept", reason: "circuit_open" });
    server.fault = accept;
    await until(() => stats.snapshot().delivered === 4);
    server.fault = status(401);
    expect(await queue.send(records(1))).toEqual({ status: "dropped", reason: "http_401" });
    server.fault = accept;
    const [known, ...others] = records(2);
    if (known !== undefined) queue.store([known, ...others]);
    expect(await queue.send(known === undefined ? [] : [known])).toMatchObject({ status: "kept" });
    await queue.close(10);
    expect(await queue.send(records(1))).toEqual({ status: "kept", reason: "closed" });
  });

  it("arrives before the reply, after 250 ms, if the records are on disk too; the request continues", async () => {
    const directory = newDirectory();
    const { queue, stats, records } = pipe({
      disk: { directory },
      settings: { timeoutMillis: 20_000 },
    });
    let answer: (() => void) | undefined;
    server.fault = (response, request, body) => {
      answer = () => accept(response, request, body);
    };
    const began = performance.now();
    const [record] = records(1, { urgent: true });
    const result = await queue.send(record === undefined ? [] : [record]);
    expect(result).toEqual({ status: "kept", reason: "in_flight" });
    expect(performance.now() - began).toBeGreaterThan(200);
    expect(textOf(directory)).toContain(`"id":"${record?.id ?? ""}"`);
    expect(balanced(stats)).toMatchObject({ pending: 1, spooled: 0, delivered: 0 });
    answer?.();
    await queue.drain(5_000);
    expect(balanced(stats)).toMatchObject({ delivered: 1, replayed: 0, spooled: 0, pending: 0 });
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe("a request body made by the client", () => {
  it("is sent unchanged, even if it is not what the format would make", async () => {
    const { queue, stats, records } = pipe();
    await queue.send(records(2), '[{"id":"of the client"}]');
    expect(server.taken).toEqual(['[{"id":"of the client"}]']);
    expect(balanced(stats).delivered).toBe(2);
  });

  it("is made again if some of its records are in the queue already, or after a refusal", async () => {
    const { queue, stats, records } = pipe({ replayDelayMs: 60_000 });
    const [known, fresh] = [records(1), records(1)];
    queue.store(known);
    await queue.send([...known, ...fresh], "[]");
    expect(idsOf(server.taken)).toEqual(fresh.map(({ id }) => id));
    let requests = 0;
    server.fault = (response, request, body) => {
      if (requests++ === 0) {
        status(400)(response, request, body);
        return;
      }
      server.taken.push(body);
      accept(response, request, body);
    };
    const refused = records(2);
    await queue.send(refused, "[1,2]");
    expect(server.taken.slice(1)).toEqual(refused.map(({ body }) => `[${body as string}]`));
    expect(balanced(stats)).toMatchObject({ delivered: 3, spooled: 1, dropped: exactly({}) });
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
  // A captive portal, or a proxy that asks for credentials, is not the endpoint.
  ...[301, 302, 307, 308].map(
    (code) =>
      [`redirects with ${code}`, status(code, { location: "http://portal.invalid/" })] as const,
  ),
  ["answers 407", status(407)],
  ["answers 425", status(425)],
  [
    "answers 200 and a gRPC status that asks for patience",
    (response) => response.writeHead(200).end('{"code":8,"message":"too many"}'),
  ],
  [
    "answers 200 with a zipped page",
    (response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("<html>Hotel</html>")),
  ],
  ["answers 429 with Retry-After", status(429, { "retry-after": "0" })],
  ["answers 503 with Retry-After", status(503, { "retry-after": "0" })],
];

describe.each(RETRYABLE)("an endpoint that %s", (_name, fault) => {
  it("gets everything once it recovers, and is reported in two lines", async () => {
    const { queue, stats, records } = pipe({ settings: { timeoutMillis: 150 } });
    server.fault = fault;
    const sent: string[] = [];
    for (let i = 0; i < 4; i++) {
      const batch = records(5);
      sent.push(...batch.map(({ id }) => id));
      await queue.send(batch);
      expect(balanced(stats)).toMatchObject({ delivered: 0, dropped: exactly({}) });
    }
    expect(lines).toHaveLength(1);
    expect(stats.snapshot().spooled).toBe(20);
    const requests = server.requests;
    await queue.send(records(1));
    expect(stats.snapshot().spooled).toBe(21);
    expect(server.requests - requests).toBeLessThanOrEqual(1);

    server.fault = accept;
    await until(() => stats.snapshot().spooled === 0);
    expect(balanced(stats)).toMatchObject({
      accepted: 21,
      delivered: 21,
      replayed: 21,
      dropped: exactly({}),
      pending: 0,
    });
    expect(new Set(idsOf(server.taken)).size).toBe(21);
    expect(idsOf(server.taken).slice(0, 20)).toEqual(sent);
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
];

describe.each(FINAL)("an endpoint that answers %i", (code, reason) => {
  it(`costs what was sent, counted as ${reason}, and is reported once with the endpoint's words`, async () => {
    const { queue, stats, records } = pipe({ redact: (text) => text.replace("bob", "<user>") });
    server.fault = (response) => response.writeHead(code).end("the key of bob is unknown");
    await queue.send(records(4));
    await queue.send(records(3));
    expect(balanced(stats)).toMatchObject({
      delivered: 0,
      dropped: { [reason]: 7 },
      spooled: 0,
      pending: 0,
    });
    server.fault = accept;
    await queue.send(records(3));
    expect(balanced(stats).delivered).toBe(3);
    expect(lines).toEqual([
      expect.stringMatching(
        new RegExp(
          `permanently refuses some telemetry \\(${reason}\\): "the key of <user> is unknown"; `,
        ),
      ),
    ]);
  });
});

describe("one poisoned record among others", () => {
  const poisonous: (poison: string) => Fault = (poison) => (response, request, body) => {
    if (body.includes(poison)) status(400)(response, request, body);
    else {
      server.taken.push(body);
      accept(response, request, body);
    }
  };

  it("is dropped and counted by reason, and the others arrive once", async () => {
    const { queue, stats, records } = pipe();
    const batch = records(10);
    server.fault = poisonous(`"${batch[3]?.id ?? ""}"`);
    await queue.send(batch);
    expect(balanced(stats)).toMatchObject({
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

  it("is isolated when sent from the spool as well", async () => {
    const { queue, stats, records } = pipe();
    const batch = records(10);
    server.fault = poisonous(`"${batch[7]?.id ?? ""}"`);
    queue.store(batch);
    await queue.flush(5_000);
    expect(balanced(stats)).toMatchObject({
      delivered: 9,
      replayed: 9,
      dropped: { http_400: 1 },
      spooled: 0,
    });
  });

  it("leaves all records spooled if the endpoint goes away while it is being isolated", async () => {
    const { queue, stats, records } = pipe();
    let requests = 0;
    server.fault = (response, request, body) =>
      status(requests++ === 0 ? 400 : 503)(response, request, body);
    await queue.send(records(10));
    expect(balanced(stats)).toMatchObject({
      delivered: 0,
      dropped: exactly({}),
      spooled: 10,
      pending: 0,
    });
  });
});

describe("a record of several items that the endpoint refuses", () => {
  /** Splits a record into halves whose bodies list their items. */
  const split: RequestFormat["split"] = ({ id, count, body, ...rest }) => {
    if (count < 2) return undefined;
    const items = JSON.parse(Buffer.from(body as string).toString()) as number[];
    return [items.slice(0, count >> 1), items.slice(count >> 1)].map((part, i) => ({
      ...rest,
      id: `${id}.${i}`,
      count: part.length,
      body: JSON.stringify(part),
    }));
  };
  const items = (count: number): Partial<DeliveryRecord> => ({
    count,
    body: JSON.stringify(Array.from({ length: count }, (_, i) => i)),
  });
  const join: RequestFormat["join"] = ([only]) => Buffer.from(only?.body as string);
  /** Refuses requests for which `isRefused` returns true. */
  const refuse =
    (code: number, isRefused: (given: number[]) => boolean): Fault =>
    (response, request, body) =>
      (isRefused(JSON.parse(body) as number[]) ? status(code) : accept)(response, request, body);

  it.each(["sent", "stored"])("is split if the pipe can split it (%s)", async (how) => {
    const { queue, stats, records } = pipe({ maxRecordsPerRequest: 1, format: { split, join } });
    server.fault = refuse(413, (given) => given.length > 3);
    const batch = records(1, items(10));
    if (how === "sent") await queue.send(batch);
    else queue.store(batch);
    await queue.flush(5_000);
    const counts = { accepted: 10, delivered: 10, dropped: {}, pending: 0, spooled: 0 };
    expect(balanced(stats)).toMatchObject(counts);
  });

  it("loses only the one item at fault", async () => {
    const { queue, stats, records } = pipe({ maxRecordsPerRequest: 1, format: { split, join } });
    server.fault = refuse(400, (given) => given.includes(7));
    expect(await queue.send(records(1, items(10)))).toEqual({
      status: "delivered",
      reply: undefined,
    });
    expect(balanced(stats)).toMatchObject({ delivered: 9, dropped: { http_400: 1 } });
  });

  it.each<[string, (item: number) => boolean]>([
    ["every seventh item", (item) => item % 7 === 0],
    ["the first half and more", (item) => item < 300],
    ["all but every tenth", (item) => item % 10 !== 0],
    ["all but one half", (item) => item >= 256],
  ])("loses only the items at fault: %s of 512", async (_name, isBad) => {
    const { queue, stats, records } = pipe({ maxRecordsPerRequest: 1, format: { split, join } });
    server.fault = refuse(400, (given) => given.some(isBad));
    await queue.send(records(1, items(512)));
    await queue.drain(20_000);
    const bad = Array.from({ length: 512 }, (_, i) => i).filter(isBad).length;
    expect(balanced(stats)).toMatchObject({ delivered: 512 - bad, dropped: { http_400: bad } });
  });

  it("is given up without a flood of requests if every item is refused", async () => {
    const { queue, stats, records } = pipe({ maxRecordsPerRequest: 1, format: { split, join } });
    server.fault = status(400);
    await queue.send(records(1, items(2_000)));
    await queue.drain(10_000);
    expect(balanced(stats).dropped).toEqual({ http_400: 2_000 });
    expect(server.requests).toBeLessThan(300);
  });

  it("has its parts on disk too if it was there itself, so that a crash loses none", async () => {
    const directory = newDirectory();
    const { queue, records } = pipe({
      maxRecordsPerRequest: 1,
      format: { split, join },
      disk: { directory },
      settings: { timeoutMillis: 20_000 },
    });
    const [batch] = records(1, items(2));
    if (batch === undefined) throw new Error("no record");
    queue.persist(batch);
    server.fault = (response, request, body) => {
      if (body === "[0,1]") status(400)(response, request, body);
    };
    void queue.send([batch]);
    await until(() => server.requests === 2);
    expect(textOf(directory)).toMatch(/"body":\[0\][^]*"body":\[1\]/);
    queue.closeNow();
  });
});

describe("an endpoint that cannot be reached", () => {
  it.each([
    ["refuses", "http://127.0.0.1:1/v1/traces", "refused"],
    ["has no address", "http://nobody.invalid/v1/traces", "unknown_host"],
  ])("because it %s leaves records spooled and the reason logged", async (_name, url, reason) => {
    const { queue, stats, records } = pipe({ settings: { timeoutMillis: 5_000 } }, url);
    for (let i = 0; i < 3; i++) await queue.send(records(2));
    expect(balanced(stats)).toMatchObject({ spooled: 6, dropped: exactly({}), pending: 0 });
    expect(lines).toEqual([expect.stringContaining(`(${reason})`)]);
  });

  it("because its address is invalid has records dropped and counted by reason, without a throw", async () => {
    for (const [url, reason] of [
      ["not a url", "invalid_url"],
      ["ftp://127.0.0.1/x", "invalid_request"],
      ["http://us%er:p%zz@127.0.0.1/x", "invalid_request"],
    ] as const) {
      const { queue, stats, records } = pipe({}, url);
      await queue.send(records(2));
      expect(balanced(stats).dropped).toEqual({ [reason]: 2 });
    }
  });

  it("because the host has broken node:http has records dropped, none left pending, without a throw", async () => {
    const http = process.getBuiltinModule("node:http") as { Agent: unknown };
    const real = http.Agent;
    http.Agent = function () {
      throw new Error("broken");
    };
    try {
      const { queue, stats, records } = pipe();
      for (let i = 0; i < 10; i++) await queue.send(records(1));
      expect(balanced(stats)).toMatchObject({ dropped: { invalid_request: 10 }, pending: 0 });
    } finally {
      http.Agent = real;
    }
  });

  it("is not reported as recovered because of a fault of our own", async () => {
    let isBroken = false;
    const { queue, stats, records } = pipe({
      format: {
        join: () => {
          if (isBroken) throw new Error("broken");
          return "[]";
        },
      },
    });
    server.fault = status(503);
    for (let i = 0; i < 3; i++) await queue.send(records(1));
    isBroken = true;
    await until(() => stats.snapshot().spooled === 0);
    expect(balanced(stats).dropped).toEqual({ unassembled: 3 });
    expect(lines).toEqual([
      expect.stringContaining("does not take telemetry"),
      expect.stringContaining("(unassembled)"),
    ]);
  });

  it("because of a fault of our own leaves records spooled, and none pending", async () => {
    const { queue, stats, records } = pipe({
      settings: {
        headers: () => {
          throw new Error("unthought of");
        },
      },
    });
    for (let i = 0; i < 10; i++) await queue.send(records(1));
    expect(balanced(stats)).toMatchObject({ spooled: 10, pending: 0 });
  });

  it("because its port does not speak TLS leaves records spooled, as a TLS failure or a reset", async () => {
    const { queue, stats, records } = pipe(
      { settings: { timeoutMillis: 5_000 } },
      server.url.replace("http:", "https:"),
    );
    for (let i = 0; i < 3; i++) await queue.send(records(1));
    expect(balanced(stats)).toMatchObject({ spooled: 3, pending: 0 });
    expect(lines).toEqual([expect.stringMatching(/\((tls|reset)\)/)]);
  });

  it("because it never answers a connection is given up at the deadline", async () => {
    const sockets = new Set<Socket>();
    const silent: Server = createServer((socket) => sockets.add(socket));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { queue, stats, records } = pipe(
      { settings: { timeoutMillis: 50 } },
      `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`,
    );
    for (let i = 0; i < 3; i++) await queue.send(records(1));
    expect(balanced(stats)).toMatchObject({ spooled: 3, pending: 0 });
    expect(lines).toEqual([expect.stringContaining("(timeout)")]);
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
});

describe("the end of a queue", () => {
  it("waits for requests in flight if the endpoint is healthy", async () => {
    const { queue, stats, records } = pipe();
    void queue.send(records(5));
    await queue.close(5_000);
    expect(balanced(stats)).toMatchObject({ delivered: 5, pending: 0, spooled: 0 });
  });

  it("gives up on an endpoint that hangs, and leaves nothing pending and no request open", async () => {
    const { queue, stats, records } = pipe({ settings: { timeoutMillis: 20_000 } });
    let closed = false;
    const arrived = new Promise<void>((resolve) => {
      server.fault = (_response, request) => {
        request.socket.on("close", () => (closed = true));
        resolve();
      };
    });
    const sent = queue.send(records(5));
    await arrived;
    expect(stats.snapshot().pending).toBe(5);
    await queue.close(10);
    await sent;
    expect(balanced(stats)).toMatchObject({
      delivered: 0,
      pending: 0,
      spooled: 0,
      dropped: { spool_unavailable: 5 },
    });
    await until(() => closed);
  });

  it("accepts late records without a request and without a throw", async () => {
    const { queue, stats, records } = pipe();
    await queue.close(10);
    await queue.close(10);
    queue.persist(...(records(1) as [never]));
    await queue.send(records(2));
    expect(balanced(stats)).toMatchObject({ dropped: { spool_unavailable: 2 }, pending: 1 });
    expect(server.requests).toBe(0);
  });
});

it("keeps a bounded number of requests in flight, and spools the rest of a burst", async () => {
  const { queue, stats, records } = pipe();
  server.fault = (response, request, body) => setTimeout(() => accept(response, request, body), 30);
  const all = Array.from({ length: 30 }, () => queue.send(records(1)));
  expect(stats.snapshot()).toMatchObject({ pending: 8, spooled: 22 });
  await Promise.all(all);
  server.fault = accept;
  await queue.flush(10_000);
  expect(balanced(stats)).toMatchObject({ delivered: 30, replayed: 22, pending: 0, spooled: 0 });
});

it("counts once what is handed over twice", async () => {
  const { queue, stats, records } = pipe();
  const [sent, stored, other] = [records(2), records(2), records(2)];
  queue.store(stored);
  queue.store(stored);
  await Promise.all([queue.send(sent), queue.send(sent), queue.send(stored)]);
  expect(balanced(stats)).toMatchObject({ delivered: 2, spooled: 2, pending: 2 });
  await queue.send(other);
  await queue.flush(5_000);
  expect(balanced(stats)).toMatchObject({ delivered: 6, replayed: 2, pending: 0 });
  expect(idsOf(server.taken)).toHaveLength(6);
});

it("resolves with balanced counts even if every callback of the pipe throws", async () => {
  const boom = (): never => {
    throw new Error("boom");
  };
  diag.setLogger(
    { error: boom, warn: boom, info: boom, debug: () => undefined, verbose: () => undefined },
    { logLevel: DiagLogLevel.INFO, suppressOverrideMessage: true },
  );
  const broken = pipe({ format: { join: boom } });
  await broken.queue.send(broken.records(3));
  expect(balanced(broken.stats).dropped).toEqual({ unassembled: 3 });

  server.fault = status(503, { "retry-after": "0" });
  const reading = pipe({ format: { readReply: boom } });
  await reading.queue.send(reading.records(3));
  expect(reading.stats.snapshot().spooled).toBe(3);
  server.fault = accept;
  await until(() => reading.stats.snapshot().delivered === 3);
});

describe("a queue and its spool", () => {
  it("counts records once if the spool drops them while they are being sent", async () => {
    let answer: (() => void) | undefined;
    server.fault = (response, request, body) => {
      answer = () => accept(response, request, body);
    };
    const big = { body: JSON.stringify({ id: "x", text: "x".repeat(8_000) }) };
    const { queue, stats, records } = pipe({
      settings: { timeoutMillis: 10_000 },
      maxRecordsPerRequest: 3,
      disk: { directory: newDirectory(), maxBytes: 100_000 },
    });
    queue.store(records(3, big));
    await until(() => answer !== undefined);
    for (let i = 0; i < 20; i++) queue.store(records(1, big));
    const full = balanced(stats);
    expect(full.dropped["spool_full"]).toBeGreaterThanOrEqual(3);
    server.fault = status(503);
    answer?.();
    await until(() => lines.length > 0);
    // The three that were being sent are among those dropped; all the others still wait.
    expect(balanced(stats)).toMatchObject({ delivered: 0, spooled: full.spooled });
  });

  it("takes over what is left by a process that dies later", async () => {
    const directory = newDirectory();
    const leave = (id: string): void => {
      const { disk } = makeDisk({ directory });
      disk.append([record(id)], false);
      disk.close();
    };
    leave("before");
    const { stats } = pipe({ adoptEveryMs: 20, disk: { directory } });
    await until(() => stats.snapshot().delivered === 1);
    leave("later");
    await until(() => stats.snapshot().delivered === 2);
    expect(balanced(stats)).toMatchObject({ accepted: 2, replayed: 2 });
    expect(readdirSync(directory)).toEqual([]);
  });

  it("holds records persisted early and handed over after the end once on disk, and counts them once", () => {
    const directory = newDirectory();
    const { queue, stats, records } = pipe({ replayDelayMs: 60_000, disk: { directory } });
    const [first, second, third] = records(3) as [DeliveryRecord, DeliveryRecord, DeliveryRecord];
    queue.persist(first);
    queue.persist(second);
    queue.store([second]);
    queue.closeNow();
    queue.store([first, third]);
    expect(balanced(stats)).toMatchObject({ accepted: 3, spooled: 3, pending: 0 });
    const lines = textOf(directory)
      .split("\n")
      .filter((line) => line !== "");
    expect(lines).toHaveLength(3);
  });

  it("takes nothing over once it is closed", async () => {
    const directory = newDirectory();
    const { queue, stats } = pipe({ replayDelayMs: 60_000, disk: { directory } });
    const other = makeDisk({ directory });
    other.disk.append([record("left behind")], false);
    other.disk.close();
    const before = readdirSync(directory);
    queue.closeNow();
    await queue.flush(1_000);
    expect(readdirSync(directory)).toEqual(before);
    expect(stats.snapshot().accepted).toBe(0);
  });

  (process.platform === "linux" ? it : it.skip)(
    "holds no descriptor for each file that it took over",
    async () => {
      const directory = newDirectory();
      for (let i = 0; i < 60; i++) {
        const { disk } = makeDisk({ directory });
        disk.append([record(`dead ${i}`)], false);
        disk.close();
      }
      server.fault = status(503);
      const before = readdirSync("/proc/self/fd").length;
      const { stats } = pipe({ breaker: { firstPauseMs: 60_000 }, disk: { directory } });
      await until(() => stats.snapshot().accepted === 60);
      expect(readdirSync("/proc/self/fd").length - before).toBeLessThan(20);
    },
  );
});
