import type { ChildProcess } from "node:child_process";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ROOT } from "../../support/runApp.js";
import { TRACE_ID, otlpRequest, otlpSpan } from "./payloads.js";
import { pourInto } from "./pourInto.js";
import { postJson, request } from "./request.js";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const JSON_TYPE = { "content-type": "application/json" };
/**
 * How far the receiver's process may grow at its peak beyond its size after starting. Bodies in transit are limited to
 * 64 MiB by default; the rest is for what they unpack and parse to, and for socket buffers.
 */
const MAX_GROWTH = 192 * MIB;
const SLOW_CONNECTIONS = 1_000;

/** The command as a developer runs it, with its defaults, against hostile senders on the machine or the network. */
describe("land-telemetry inspect under hostile requests", () => {
  let child: ChildProcess;
  let url: string;
  let rssAtStart: number;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    child = spawn(process.execPath, [join(ROOT, "dist/node/cli.cjs"), "inspect", "--port", "0"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    for (child.stdout?.setEncoding("utf8"); !/(http:\S+)\n/.test(said);)
      said += String((await once(child.stdout ?? child, "data")) as unknown);
    url = /(http:\S+)\n/.exec(said)?.[1] ?? "";
    await expectServing();
    rssAtStart = peak();
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });
  afterAll(async () => {
    const ended = once(child, "exit");
    child.kill();
    expect(await ended).toEqual([0, null]);
  });

  it.each<[string, () => Promise<unknown>, unknown]>([
    ["another Host", () => status("/api/traces", { headers: { host: "evil.example" } }), 403],
    [
      "another Host that sends",
      () =>
        status("/v1/traces", {
          method: "POST",
          headers: { ...JSON_TYPE, host: "evil.example" },
          body: "{}",
        }),
      403,
    ],
    [
      "another Origin",
      () =>
        status("/v1/traces", {
          method: "POST",
          headers: { ...JSON_TYPE, origin: "https://evil.example" },
          body: "{}",
        }),
      403,
    ],
    [
      "another Origin that reads",
      () => status("/api/events", { headers: { origin: "https://evil.example" } }),
      403,
    ],
    [
      "1 GB with its length",
      () =>
        pour("/v1/traces", { ...JSON_TYPE, "content-length": String(GIB) }, Buffer.alloc(MIB, 32)),
      413,
    ],
    ["1 GB in chunks", () => pour("/v1/traces", JSON_TYPE, Buffer.alloc(MIB, 32)), 413],
    ["1 GB in chunks, of events", () => pour("/batch/", JSON_TYPE, Buffer.alloc(MIB, 32)), 413],
    [
      "1 GB by eight callers at a time",
      () =>
        Promise.all(
          Array.from({ length: 8 }, () => pour("/v1/traces", JSON_TYPE, Buffer.alloc(MIB, 32))),
        ).then((all) => all.every((one) => one === 413 || one === 503)),
      true,
    ],
    [
      "a gzip bomb of 1 GB",
      () =>
        status("/v1/traces", {
          method: "POST",
          headers: { ...JSON_TYPE, "content-encoding": "gzip" },
          body: bomb(),
        }),
      413,
    ],
    [
      "a gzip bomb of 1 GB that does not say so",
      () => status("/batch/", { method: "POST", body: bomb() }),
      413,
    ],
    [
      "eight gzip bombs at a time",
      () =>
        Promise.all(
          Array.from({ length: 8 }, () =>
            status("/batch/?compression=gzip-js", { method: "POST", body: bomb() }),
          ),
        ).then((all) => all.every((one) => one === 413 || one === 503)),
      true,
    ],
    [
      "broken JSON",
      () =>
        status("/v1/traces", { method: "POST", headers: JSON_TYPE, body: '{"resourceSpans":[{' }),
      400,
    ],
    [
      "JSON that is nothing but brackets",
      () =>
        status("/v1/traces", { method: "POST", headers: JSON_TYPE, body: "[".repeat(19 * MIB) }),
      400,
    ],
    [
      "JSON of millions of members",
      () =>
        status("/v1/traces", {
          method: "POST",
          headers: JSON_TYPE,
          body: `{"resourceSpans":[${"{},".repeat(6_000_000)}{}]}`,
        }),
      413,
    ],
    [
      "broken protobuf",
      () =>
        status("/v1/traces", {
          method: "POST",
          headers: { "content-type": "application/x-protobuf" },
          body: Buffer.alloc(MIB, 0xff),
        }),
      400,
    ],
    [
      "protobuf of millions of messages",
      () =>
        status("/v1/traces", {
          method: "POST",
          headers: { "content-type": "application/x-protobuf" },
          body: Buffer.alloc(18 * MIB, Buffer.from([0x0a, 0])),
        }),
      400,
    ],
    ["no HTTP at all", () => said("\u0000\u0001\u0002 nonsense\r\n\r\n"), "HTTP/1.1 400"],
    [
      "headers of 1 MB",
      () => said(`GET / HTTP/1.1\r\nHost: localhost\r\nX-Large: ${"x".repeat(MIB)}\r\n\r\n`),
      "HTTP/1.1 431",
    ],
  ])(
    "answers %s with the right status, in bounded memory, and goes on serving",
    async (_what, attack, outcome) => {
      resetPeak();
      expect(await attack()).toEqual(outcome);
      await expectServing();
      expect(peak() - rssAtStart).toBeLessThan(MAX_GROWTH);
    },
    60_000,
  );

  it("closes the surplus of 1,000 slow connections, in bounded memory, and serves meanwhile", async () => {
    resetPeak();
    const starts = [
      "POST /v1/traces HTTP/1.1\r\nHost: local",
      "POST /batch/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n{",
      "",
      "GET /api/changes HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ];
    let closed = 0;
    for (let i = 0; i < SLOW_CONNECTIONS; i++) {
      const socket = connect(Number(new URL(url).port), "127.0.0.1");
      sockets.push(socket);
      socket
        .on("error", () => undefined)
        .on("close", () => closed++)
        .resume();
      await once(socket, "connect");
      socket.write(starts[i % starts.length] ?? "");
      if (i % 250 === 0) await expectServing();
    }
    await expectServing();
    const { openConnections, evictedConnections } = (await request(`${url}/api/counts`)).json as {
      openConnections: number;
      evictedConnections: number;
    };
    expect(openConnections).toBeLessThanOrEqual(256);
    expect(evictedConnections).toBeGreaterThanOrEqual(SLOW_CONNECTIONS - 256);
    while (closed < evictedConnections) await new Promise(setImmediate);
    expect(peak() - rssAtStart).toBeLessThan(MAX_GROWTH);
  }, 60_000);

  async function status(path: string, asked: Parameters<typeof request>[1]): Promise<number> {
    return (await request(url + path, asked)).status;
  }

  async function expectServing(): Promise<void> {
    expect((await postJson(`${url}/v1/traces`, otlpRequest([otlpSpan()]))).status).toBe(200);
    expect((await request(`${url}/api/traces/${TRACE_ID}`)).json).toMatchObject({ spanCount: 1 });
  }

  /** Sends a gigabyte in copies of the chunk. */
  function pour(path: string, headers: Record<string, string>, chunk: Buffer): Promise<number> {
    return pourInto(url + path, headers, chunk, GIB);
  }

  /** The start of the answer to bytes that need not be HTTP. */
  async function said(bytes: string): Promise<string> {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    sockets.push(socket);
    let text = "";
    socket
      .on("error", () => undefined)
      .on("data", (data: Buffer) => (text += data.toString("latin1")));
    socket.write(bytes, "latin1");
    await new Promise<void>((resolve) => socket.once("close", () => resolve()));
    return text.slice(0, "HTTP/1.1 400".length);
  }

  /** The peak memory of the process since the last reset, or its memory now if the system records no peak. */
  function peak(): number {
    const file = `/proc/${child.pid ?? 0}/status`;
    if (existsSync(file))
      return Number(/VmHWM:\s*(\d+)/.exec(readFileSync(file, "utf8"))?.[1]) * 1024;
    return (
      Number(execFileSync("ps", ["-o", "rss=", "-p", String(child.pid)], { encoding: "utf8" })) *
      1024
    );
  }

  function resetPeak(): void {
    const file = `/proc/${child.pid ?? 0}/clear_refs`;
    if (existsSync(file)) writeFileSync(file, "5");
  }
});

let packed: Buffer | undefined;

/** 1 GB of zeros in 1 MB: concatenated gzip members are one stream. */
function bomb(): Buffer {
  const member = gzipSync(Buffer.alloc(16 * MIB), { level: 9 });
  packed ??= Buffer.concat(Array.from({ length: 64 }, () => member));
  return packed;
}
