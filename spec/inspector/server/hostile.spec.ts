import { connect } from "node:net";
import type { Socket } from "node:net";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request as httpRequest } from "node:http";
import { gzipSync } from "node:zlib";
import type { Inspector, InspectorOptions } from "../../../lib/inspector/server/startInspector.js";
import { startInspector } from "../../../lib/inspector/server/startInspector.js";
import { TRACE_ID, otlpRequest, otlpSpan, postHogBatch, postHogEvent } from "./payloads.js";
import { pourInto } from "./pourInto.js";
import type { Answer } from "./request.js";
import { postJson, request } from "./request.js";

const MIB = 1024 * 1024;
const JSON_TYPE = { "content-type": "application/json" };

describe("a receiver of wrong or hostile requests", () => {
  let inspector: Inspector;

  async function start(options: InspectorOptions = {}): Promise<void> {
    inspector = await startInspector(options);
  }
  const messageOf = (answer: Answer): string => (answer.json as { message: string }).message;
  async function expectStillServing(): Promise<void> {
    expect((await postJson(`${inspector.url}/v1/traces`, otlpRequest([otlpSpan()]))).status).toBe(
      200,
    );
  }

  afterEach(() => inspector.close());

  describe("bodies", () => {
    it.each([
      ["/v1/traces", "{", /not JSON/],
      ["/v1/traces", "", /not JSON/],
      ["/v1/traces", "[]", /resourceSpans/],
      ["/v1/traces", "null", /resourceSpans/],
      ["/v1/traces", '{"resourceSpans":{}}', /resourceSpans/],
      ["/v1/traces", `${"[".repeat(100_000)}${"]".repeat(100_000)}`, /deeper than 64/],
      ["/batch/", '{"api_key":"phc_x"', /not JSON/],
      ["/batch/", "[]", /api_key/],
      [
        "/batch/",
        '{"api_key":"phc_x","batch":[{"event":"a","distinct_id":"b"},{"event":"a"}]}',
        /Event 1/,
      ],
      ["/batch/", '{"api_key":"phc_x","batch":[null]}', /Event 0/],
    ])("answers a bad body at %s with 400 and the reason: %.40s", async (path, body, reason) => {
      await start();
      const answer = await request(inspector.url + path, {
        method: "POST",
        headers: JSON_TYPE,
        body,
      });
      expect(answer.status).toBe(400);
      expect(messageOf(answer)).toMatch(reason);
      expect(inspector.counts()).toMatchObject({ spans: 0, events: 0 });
      await expectStillServing();
    });

    it("keeps the connection of a bad request that it has read to its end", async () => {
      await start();
      const answer = await fetch(`${inspector.url}/v1/traces`, {
        method: "POST",
        headers: JSON_TYPE,
        body: "{",
      });
      await answer.text();
      expect([answer.status, answer.headers.get("connection")]).toEqual([400, "keep-alive"]);
    });

    it("answers a batch without a key as PostHog does, naming the setting", async () => {
      await start();
      const answer = await postJson(`${inspector.url}/batch/`, {
        api_key: " ",
        batch: [postHogEvent()],
      });
      expect([answer.status, messageOf(answer)]).toEqual([
        401,
        expect.stringContaining("Authorize"),
      ]);
    });

    it.each<[string, Record<string, unknown>]>([
      ["ids", { traceId: "0".repeat(32) }],
      ["ids", { spanId: "xyz" }],
      ["ids", { traceId: 7 }],
      ["times", { startTimeUnixNano: "soon" }],
      ["times", { endTimeUnixNano: -1 }],
    ])(
      "keeps the good spans of a request and rejects those with wrong %s, with a reason",
      async (_what, wrong) => {
        await start();
        const answer = await postJson(
          `${inspector.url}/v1/traces`,
          otlpRequest([otlpSpan(), { ...otlpSpan(), ...wrong }, null]),
        );
        expect(answer.json).toEqual({
          partialSuccess: {
            rejectedSpans: "2",
            errorMessage: expect.stringMatching(/A span has/) as string,
          },
        });
        expect(inspector.counts()).toMatchObject({ spans: 1, rejectedSpans: 2 });
      },
    );

    it("refuses what it cannot read with 415, naming the setting that helps", async () => {
      await start();
      const post = (path: string, headers: Record<string, string>): Promise<Answer> =>
        request(inspector.url + path, { method: "POST", headers, body: "x" });
      const text = await post("/v1/traces", { "content-type": "application/grpc" });
      expect([text.status, messageOf(text), text.headers.accept]).toEqual([
        415,
        expect.stringContaining("OTEL_EXPORTER_OTLP_PROTOCOL=http/json"),
        "application/json, application/x-protobuf",
      ]);
      expect((await post("/v1/traces", { "content-type": "text/plain" })).status).toBe(415);
      expect((await post("/v1/traces", {})).status).toBe(415);
      expect(
        (await post("/v1/traces", { ...JSON_TYPE, "content-encoding": "br" })).headers[
          "accept-encoding"
        ],
      ).toBe("gzip");
      expect((await post("/batch/?compression=base64", {})).status).toBe(415);
    });

    it.each([
      ["is not gzip", "content-encoding", Buffer.from("{}")],
      ["is cut short", "content-encoding", gzipSync("{}").subarray(0, 12)],
      ["only begins like gzip", "x-none", Buffer.from([0x1f, 0x8b, 1, 2, 3])],
    ])("answers 400 if the body %s", async (_what, header, body) => {
      await start();
      const answer = await request(`${inspector.url}/batch/`, {
        method: "POST",
        headers: { [header]: "gzip" },
        body,
      });
      expect([answer.status, messageOf(answer)]).toEqual([400, expect.stringContaining("gzip")]);
      await expectStillServing();
    });

    it("accepts a body of the maximum size, plain or gzipped, and none a byte larger", async () => {
      const body = JSON.stringify(postHogBatch([postHogEvent()]));
      await start({ maxBodyBytes: body.length });
      const send = async (text: string, isPacked: boolean): Promise<number> =>
        (
          await request(`${inspector.url}/batch/`, {
            method: "POST",
            headers: {
              "content-type": "application/json",
              ...(isPacked ? { "content-encoding": "gzip" } : {}),
            },
            body: isPacked ? gzipSync(text) : text,
          })
        ).status;
      for (const isPacked of [false, true])
        expect([await send(body, isPacked), await send(`${body} `, isPacked)]).toEqual([200, 413]);
    });

    it("answers 413 to a declared length that is too large, before the body arrives", async () => {
      await start();
      const sent = httpRequest(`${inspector.url}/v1/traces`, {
        method: "POST",
        headers: { ...JSON_TYPE, "content-length": String(1024 * MIB) },
      });
      sent.on("error", () => undefined).flushHeaders();
      const [response] = (await once(sent, "response")) as [{ statusCode: number }];
      expect(response.statusCode).toBe(413);
      sent.destroy();
      await expectStillServing();
    });

    it("answers 413 to an endless body", async () => {
      await start({ maxBodyBytes: MIB });
      const blanks = Buffer.alloc(64 * 1024, 32);
      expect(await pourInto(`${inspector.url}/v1/traces`, JSON_TYPE, blanks, 256 * MIB)).toBe(413);
      await expectStillServing();
    });

    it("answers 413 to an endless gzip stream that unpacks to nothing", async () => {
      await start({ maxBodyBytes: MIB });
      const nothing = Buffer.concat(Array.from({ length: 1_000 }, () => gzipSync("")));
      expect(
        await pourInto(
          `${inspector.url}/v1/traces`,
          { ...JSON_TYPE, "content-encoding": "gzip" },
          nothing,
          64 * MIB,
        ),
      ).toBe(413);
      await expectStillServing();
    });

    it("lets a sender that never stops read the answer, and then closes the connection", async () => {
      await start({ maxBodyBytes: 1_000, requestTimeoutMs: 60_000 });
      const socket = await open(
        "POST /batch/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
      );
      let said = "";
      socket.on("data", (data: Buffer) => (said += data.toString()));
      const chunk = `400\r\n${" ".repeat(1_024)}\r\n`;
      const pour = (): void => {
        if (socket.writable) socket.write(chunk, pour);
      };
      pour();
      await closeOf(socket);
      expect(said).toMatch(/^HTTP\/1.1 413 [^]*larger than 1000 bytes/);
    });

    it("accepts any number of bodies one after another", async () => {
      await start({ maxBodyBytes: 4_000, maxBufferedBytes: 4_000 });
      for (let n = 0; n < 5; n++)
        expect(
          (
            await postJson(`${inspector.url}/v1/traces`, {
              resourceSpans: [],
              filler: "x".repeat(3_000),
            })
          ).status,
        ).toBe(200);
    });

    // Each of the eight, unpacked, is twice what memory may grow by.
    const bomb = gzipSync(Buffer.alloc(128 * MIB), { level: 9 });
    it.each([
      ["declared", "/v1/traces", { ...JSON_TYPE, "content-encoding": "gzip" }],
      ["undeclared", "/batch/?compression=gzip-js", {}],
    ])("answers 413 to a %s gzip bomb without unpacking it", async (_how, path, headers) => {
      await start({ maxBodyBytes: MIB });
      const before = process.memoryUsage().arrayBuffers;
      const answers = await Promise.all(
        Array.from({ length: 8 }, () =>
          request(inspector.url + path, { method: "POST", headers, body: bomb }),
        ),
      );
      expect(answers.map((answer) => answer.status)).toEqual(Array(8).fill(413));
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * MIB);
      await expectStillServing();
    });

    it("limits the bodies of all callers together", async () => {
      await start({ maxBodyBytes: 4 * MIB, maxBufferedBytes: 4 * MIB });
      const halves = [0, 1].map(() =>
        httpRequest(`${inspector.url}/v1/traces`, { method: "POST", headers: JSON_TYPE }),
      );
      for (const half of halves) half.on("error", () => undefined).write(Buffer.alloc(3 * MIB, 32));
      // Whichever arrives second does not fit beside the first, which never ends.
      const [response] = (await Promise.race(halves.map((half) => once(half, "response")))) as [
        IncomingMessage,
      ];
      expect([response.statusCode, response.headers["retry-after"]]).toEqual([503, "1"]);
      for (const half of halves) half.destroy();
      await inspector.waitFor((it) => it.requests().some(({ status }) => status === 499));
      const blanks = await request(`${inspector.url}/v1/traces`, {
        method: "POST",
        headers: JSON_TYPE,
        body: Buffer.alloc(3 * MIB, 32),
      });
      expect(blanks.status).toBe(400);
      await expectStillServing();
    });

    it("treats hostile names as data", async () => {
      await start();
      const name = '<img src=x onerror="alert(1)">\u0000\u001b[31m';
      await postJson(`${inspector.url}/v1/traces`, otlpRequest([otlpSpan({ name })]));
      const answer = await request(`${inspector.url}/api/traces/${TRACE_ID}`);
      expect((answer.json as { name: string }).name).toBe(name);
      expect(answer.headers).toMatchObject({
        "content-type": "application/json; charset=utf-8",
        "x-content-type-options": "nosniff",
      });
      await postJson(
        `${inspector.url}/batch/`,
        postHogBatch([
          JSON.parse(
            '{"event":"__proto__","distinct_id":"constructor","properties":{"__proto__":{"polluted":1}}}',
          ),
        ]),
      );
      expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
      expect(inspector.events()).toHaveLength(1);
    });
  });

  describe("routes and methods", () => {
    it.each([
      ["GET", "/v1/traces", 405, "POST, OPTIONS"],
      ["PUT", "/batch/", 405, "POST, OPTIONS"],
      ["POST", "/api/traces", 405, "GET, HEAD, DELETE, OPTIONS"],
      ["DELETE", "/api/events", 405, "GET, HEAD, OPTIONS"],
      ["GET", "/v1/metrics", 405, "POST, OPTIONS"],
      ["POST", "/v1/profiles", 404, undefined],
      ["GET", "/nowhere", 404, undefined],
      ["GET", "/api/traces/..%2f..%2fetc%2fpasswd", 404, undefined],
      ["OPTIONS", "/nowhere", 404, undefined],
    ])("answers %s %s with %d", async (method, path, status, allow) => {
      await start();
      const answer = await request(inspector.url + path, { method });
      expect([answer.status, answer.headers.allow]).toEqual([status, allow]);
      expect(messageOf(answer)).not.toBe("");
    });
  });

  describe("Host and Origin", () => {
    it.each([
      "evil.example",
      "evil.example:4318",
      "127.0.0.1.evil.example",
      "localhost.evil.example",
      "10.0.0.1",
      "a@localhost",
      "[::2]",
    ])("refuses Host %j, which a rebound DNS name would send", async (host) => {
      await start();
      const answer = await request(`${inspector.url}/api/traces`, { headers: { host } });
      expect(answer.status).toBe(403);
    });

    it.each([
      "localhost",
      "LOCALHOST:1",
      "127.0.0.1:9",
      "127.9.9.9",
      "[::1]:4318",
      "cocoon.localhost",
    ])("serves Host %s", async (host) => {
      await start();
      expect((await request(`${inspector.url}/api/traces`, { headers: { host } })).status).toBe(
        200,
      );
    });

    it("refuses two Hosts, an empty or missing one, and a target that names another", async () => {
      await start();
      expect(
        await rawStatus(
          "GET /api/traces HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        ),
      ).toBe(400);
      expect(
        await rawStatus(
          "GET http://evil.example/api/traces HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        ),
      ).toBe(404);
      expect(
        await rawStatus("GET /api/traces HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n"),
      ).toBe(403);
      expect(await rawStatus("GET /api/traces HTTP/1.1\r\nConnection: close\r\n\r\n")).toBe(400);
    });

    it("serves other hosts only if the options allow them", async () => {
      await start({ allowedHosts: ["inspector.internal"] });
      expect(
        (
          await request(`${inspector.url}/api/traces`, {
            headers: { host: "Inspector.internal:80" },
          })
        ).status,
      ).toBe(200);
      expect(
        (await request(`${inspector.url}/api/traces`, { headers: { host: "10.0.0.1" } })).status,
      ).toBe(403);
      const remote = await startInspector({ host: "0.0.0.0", allowRemote: true });
      const asked = (host: string): Promise<Answer> =>
        request(`http://127.0.0.1:${remote.port}/api/traces`, { headers: { host } });
      expect([(await asked("10.0.0.1")).status, (await asked("evil.example")).status]).toEqual([
        200, 403,
      ]);
      await remote.close();
    });

    it.each([
      "http://localhost:1420",
      "https://127.0.0.1",
      "http://[::1]:3000",
      "tauri://localhost",
      "https://tauri.localhost",
      "vscode-webview://0a1b2c",
    ])("lets a page of %s send and read the answer", async (origin) => {
      await start();
      const preflight = await request(`${inspector.url}/v1/traces`, {
        method: "OPTIONS",
        headers: {
          origin,
          "access-control-request-method": "POST",
          "access-control-request-headers": "content-type,traceparent",
        },
      });
      expect([preflight.status, preflight.text]).toEqual([204, ""]);
      expect(preflight.headers).toMatchObject({
        "access-control-allow-origin": origin,
        "access-control-allow-methods": "POST, OPTIONS",
        "access-control-allow-headers": "content-type,traceparent",
        vary: "origin",
      });
      const sent = await postJson(`${inspector.url}/v1/traces`, otlpRequest([otlpSpan()]), {
        origin,
      });
      expect([sent.status, sent.headers["access-control-allow-origin"]]).toEqual([200, origin]);
    });

    it.each([
      "https://evil.example",
      "null",
      "http://localhost.evil.example",
      "tauri://evil",
      "file://",
      "http://localhost:80@evil.example",
    ])("refuses a page of %s, and does not let it read why", async (origin) => {
      await start();
      const answers = [
        await request(`${inspector.url}/v1/traces`, {
          method: "OPTIONS",
          headers: { origin, "access-control-request-method": "POST" },
        }),
        await postJson(`${inspector.url}/v1/traces`, otlpRequest([otlpSpan()]), { origin }),
        await request(`${inspector.url}/api/traces`, { headers: { origin } }),
      ];
      expect(answers.map((answer) => answer.status)).toEqual([403, 403, 403]);
      expect(
        answers.every((answer) => answer.headers["access-control-allow-origin"] === undefined),
      ).toBe(true);
      expect(inspector.traces()).toEqual([]);
    });

    it.each(["http://localhost:1420", "tauri://localhost", "http://127.0.0.1"])(
      "does not let a page of %s read or delete what others sent",
      async (origin) => {
        await start();
        await postJson(`${inspector.url}/v1/traces`, otlpRequest([otlpSpan()]), { origin });
        for (const path of [
          "/api/traces",
          `/api/traces/${TRACE_ID}`,
          "/api/events",
          "/api/recording",
          "/api/changes",
        ])
          expect((await request(inspector.url + path, { headers: { origin } })).status).toBe(403);
        expect(
          (await request(`${inspector.url}/api/traces`, { method: "DELETE", headers: { origin } }))
            .status,
        ).toBe(403);
        const asked = {
          method: "OPTIONS",
          headers: { origin, "access-control-request-method": "DELETE" },
        };
        expect(
          (await request(`${inspector.url}/api/traces`, asked)).headers[
            "access-control-allow-origin"
          ],
        ).toBeUndefined();
        expect(inspector.traces()).toHaveLength(1);
        // The inspector's own page may, under whichever name it was opened.
        for (const host of [`127.0.0.1:${inspector.port}`, `localhost:${inspector.port}`]) {
          expect(
            (
              await request(`${inspector.url}/api/traces`, {
                headers: { host, origin: `http://${host}` },
              })
            ).status,
          ).toBe(200);
        }
        expect(
          (
            await request(`${inspector.url}/api/traces`, {
              method: "DELETE",
              headers: { origin: inspector.url },
            })
          ).status,
        ).toBe(200);
      },
    );

    it("lets a page of another origin in if the options allow it", async () => {
      await start({ allowedOrigins: ["https://editor.example"] });
      const answer = await postJson(`${inspector.url}/v1/traces`, otlpRequest([otlpSpan()]), {
        origin: "https://editor.example",
      });
      expect([answer.status, answer.headers["access-control-allow-origin"]]).toEqual([
        200,
        "https://editor.example",
      ]);
      expect(
        (
          await request(`${inspector.url}/api/traces`, {
            headers: { origin: "https://editor.example" },
          })
        ).status,
      ).toBe(200);
    });
  });

  describe("connections", () => {
    it("closes those that are slow to send headers or body", async () => {
      await start({ requestTimeoutMs: 200 });
      const sockets = [
        await open("POST /v1/traces HTTP/1.1\r\nHost: local"),
        await open(
          "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
        ),
        await open(""),
      ];
      await Promise.all(sockets.map((socket) => closeOf(socket)));
      await expectStillServing();
    });

    it("closes those that drip bytes, and so are never silent", async () => {
      await start({ requestTimeoutMs: 300 });
      const socket = await open("POST /batch/ HTTP/1.1\r\nX-Slow: ");
      const drip = setInterval(() => socket.write("x"), 20);
      await closeOf(socket);
      clearInterval(drip);
      await expectStillServing();
    });

    it("closes those that ask but do not read the answer", async () => {
      await start({ requestTimeoutMs: 300 });
      await postJson(
        `${inspector.url}/batch/`,
        postHogBatch([postHogEvent({ properties: { filler: "x".repeat(16 * MIB) } })]),
      );
      const socket = connect(inspector.port, "127.0.0.1")
        .on("error", () => undefined)
        .pause();
      socket.write("GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
      await inspector.waitFor((it) => it.requests().find(({ route }) => route === "/api/events"));
      while (inspector.counts().openConnections > 0) await new Promise(setImmediate);
      socket.destroy();
      await expectStillServing();
    });

    it("still serves behind a thousand slow ones, and keeps no more of them than its limit", async () => {
      await start({ maxConnections: 64, requestTimeoutMs: 60_000 });
      const slow: Socket[] = [];
      let closed = 0;
      for (let n = 0; n < 1_000; n++) {
        const socket = await open(
          n % 2 === 0
            ? "POST /v1/traces HTTP/1.1\r\nHost: local"
            : "POST /batch/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n{",
        );
        slow.push(socket.on("close", () => closed++));
      }
      await expectStillServing();
      expect(inspector.trace(TRACE_ID)?.spanCount).toBe(1);
      expect(inspector.counts().connections).toBe(1_001);
      expect(inspector.counts().evictedConnections).toBe(1_001 - 64);
      expect(inspector.counts().openConnections).toBeLessThanOrEqual(64);
      while (closed < 1_001 - 64) await new Promise(setImmediate);
      for (const socket of slow) socket.destroy();
    });

    it("spares a connection that is in use", async () => {
      await start({ maxConnections: 2 });
      const used = await open("");
      const ask = async (): Promise<string> => {
        used.write("GET /api/counts HTTP/1.1\r\nHost: localhost\r\n\r\n");
        const [data] = (await once(used, "data")) as [Buffer];
        return data.toString().slice(0, 15);
      };
      const idle = await open("");
      expect(await ask()).toBe("HTTP/1.1 200 OK");
      const evicted = closeOf(idle);
      const newest = await open("");
      await evicted;
      expect(await ask()).toBe("HTTP/1.1 200 OK");
      for (const socket of [used, newest]) socket.destroy();
    });

    it("survives callers that leave in the middle of a request", async () => {
      await start();
      const socket = await open(
        "POST /batch/ HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\nContent-Length: 99\r\n\r\n\u001f",
      );
      socket.destroy();
      await inspector.waitFor((it) =>
        it.requests().find(({ route, status }) => route === "/batch/" && status === 499),
      );
      await expectStillServing();
    });
  });

  /** Opens a connection, and resolves once it has sent this text. */
  async function open(said: string): Promise<Socket> {
    const socket = connect(inspector.port, "127.0.0.1").on("error", () => undefined);
    await once(socket, "connect");
    if (said !== "")
      await new Promise<void>((resolve) => socket.write(said, "latin1", () => resolve()));
    socket.resume();
    return socket;
  }

  /** Unlike `once` of node:events, does not reject on an error before the close. */
  function closeOf(socket: Socket): Promise<void> {
    return new Promise((resolve) => socket.once("close", () => resolve()));
  }

  async function rawStatus(said: string): Promise<number> {
    const socket = connect(inspector.port, "127.0.0.1");
    socket.write(said);
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    return Number(/^HTTP\/1.1 (\d+)/.exec(text)?.[1]);
  }
});
