import { get } from "node:http";
import type { IncomingMessage } from "node:http";
import { readRecording } from "../../../lib/inspector/server/readRecording.js";
import type { Inspector } from "../../../lib/inspector/server/startInspector.js";
import { startInspector } from "../../../lib/inspector/server/startInspector.js";
import {
  CHILD_ID,
  ROOT_ID,
  TRACE_ID,
  otlpRequest,
  otlpSpan,
  postHogBatch,
  postHogEvent,
} from "./payloads.js";
import { postJson, request } from "./request.js";

const OTHER_ID = "ffffffffffffffffffffffffffffffff";
let inspector: Inspector;
beforeEach(async () => (inspector = await startInspector()));
afterEach(() => inspector.close());

const ask = async (path: string, method = "GET"): Promise<unknown> =>
  (await request(inspector.url + path, { method })).json;
const sendSpans = (...spans: readonly unknown[]): Promise<unknown> =>
  postJson(`${inspector.url}/v1/traces`, otlpRequest(spans));
const sendEvents = (...events: readonly unknown[]): Promise<unknown> =>
  postJson(`${inspector.url}/batch/`, postHogBatch(events));

describe("the API of the page", () => {
  it("gives only the traces changed since a revision, and says when some are gone", async () => {
    await sendSpans(otlpSpan());
    const { revision, removals } = (await ask("/api/traces")) as {
      revision: number;
      removals: number;
    };
    expect(await ask(`/api/traces?since=${revision}`)).toMatchObject({
      revision,
      removals,
      traces: [],
    });
    await sendSpans(otlpSpan({ traceId: OTHER_ID }));
    expect(await ask(`/api/traces?since=${revision}`)).toMatchObject({
      removals,
      traces: [{ traceId: OTHER_ID }],
    });
    await sendEvents(postHogEvent());
    expect(await ask(`/api/traces?since=${revision}`)).toMatchObject({
      traces: [{ traceId: OTHER_ID }, { traceId: TRACE_ID, eventCount: 1 }],
    });
    const before = (await ask("/api/traces")) as { revision: number };
    expect(await ask("/api/traces", "DELETE")).toMatchObject({
      revision: before.revision + 1,
      removals: removals + 1,
      traces: [],
    });
    expect(inspector.events()).toEqual([]);
  });

  it("gives a trace without the details of its spans, which it gives span by span", async () => {
    await sendSpans({
      ...otlpSpan(),
      attributes: [{ key: "rpc.method", value: { stringValue: "$stat" } }],
    });
    const rows = await request(`${inspector.url}/api/traces/${TRACE_ID}/rows`);
    expect(rows.json).toMatchObject({
      spanCount: 1,
      rows: [{ spanId: ROOT_ID, tier: "cocoon", kind: 2 }],
    });
    expect(rows.text).not.toContain("$stat");
    expect(await ask(`/api/traces/${TRACE_ID}/spans/${ROOT_ID.toUpperCase()}`)).toMatchObject({
      attributes: { "rpc.method": "$stat" },
    });
    expect(
      (await request(`${inspector.url}/api/traces/${TRACE_ID}/spans/${CHILD_ID}`)).status,
    ).toBe(404);
    expect((await request(`${inspector.url}/api/traces/${OTHER_ID}/rows`)).status).toBe(404);
  });

  it.each([
    ["a name", "COCOON:Handler"],
    ["an attribute's value", "$stat"],
    ["an attribute's key", "rpc.meth"],
    ["a span's id", ROOT_ID],
    ["the trace's id", TRACE_ID],
  ])("finds spans by %s", async (_what, text) => {
    await sendSpans(
      { ...otlpSpan(), attributes: [{ key: "rpc.method", value: { stringValue: "$stat" } }] },
      otlpSpan({ traceId: OTHER_ID, spanId: CHILD_ID, name: "other" }),
    );
    expect(await ask(`/api/search?q=${encodeURIComponent(text)}`)).toEqual({
      found: { [TRACE_ID]: [ROOT_ID] },
    });
    expect(await ask(`/api/search?q=${encodeURIComponent(text)}&trace=${OTHER_ID}`)).toEqual({
      found: {},
    });
  });

  it("finds traces by the contents of their events, and refuses a malformed trace id", async () => {
    await sendEvents(postHogEvent());
    expect(await ask("/api/search?q=enoent")).toEqual({ found: { [TRACE_ID]: [CHILD_ID] } });
    expect((await request(`${inspector.url}/api/search?q=a&trace=nonsense`)).status).toBe(400);
  });

  it("gives starts, errors, coverage and handler latencies by tier", async () => {
    const times = (ms: number): Record<string, string> => ({
      startTimeUnixNano: "1760000000000000000",
      endTimeUnixNano: String(1_760_000_000_000_000_000n + BigInt(ms) * 1_000_000n),
    });
    const id = (i: number): string => (i + 1).toString(16).padStart(16, "0");
    await sendSpans(
      ...Array.from({ length: 20 }, (_, i) => ({
        ...otlpSpan({ spanId: id(i) }),
        ...times(i + 1),
        status: { code: i === 0 ? 2 : 0 },
      })),
    );
    await sendEvents(
      postHogEvent(),
      postHogEvent({
        event: "land:cocoon:session:start",
        uuid: "2",
        properties: { $tier: "cocoon" },
      }),
      postHogEvent({
        event: "land:cocoon:error",
        uuid: "no time",
        timestamp: undefined,
        properties: { $tier: "cocoon" },
      }),
      // One event of a span already counted, and one of a span that never arrived.
      postHogEvent({
        event: "land:cocoon:handler:complete",
        uuid: "3",
        properties: {
          $tier: "cocoon",
          $span_id: id(0),
          feature: "$stat",
          duration_ms: 1,
          ok: true,
        },
      }),
      postHogEvent({
        event: "land:air:handler:complete",
        uuid: "4",
        properties: { $tier: "air", feature: "$hash", duration_ms: 5, ok: false },
      }),
      // One cancelled run, which is not an error, and many runs in one event.
      postHogEvent({
        event: "land:air:handler:complete",
        uuid: "5",
        properties: { $tier: "air", feature: "$pull", duration_ms: 3, ok: false, cancelled: true },
      }),
      postHogEvent({
        event: "land:air:handler:complete",
        uuid: "6",
        properties: {
          $tier: "air",
          feature: "$often",
          duration_ms: 1,
          ok: false,
          count: 1_000,
          failures: 7,
          p50_ms: 1,
          p95_ms: 2,
          max_ms: 4,
        },
      }),
    );
    const time = Date.parse("2026-01-02T03:04:05.678Z");
    expect(await ask("/api/overview")).toEqual({
      tiers: [
        {
          tier: "air",
          spans: 0,
          errorSpans: 0,
          events: 3,
          tracedEvents: 0,
          starts: 0,
          errors: 0,
          startTimes: [],
          errorTimes: [],
        },
        {
          tier: "cocoon",
          spans: 20,
          errorSpans: 1,
          events: 4,
          tracedEvents: 1,
          starts: 1,
          errors: 2,
          startTimes: [time],
          errorTimes: [time],
        },
      ],
      handlers: [
        {
          tier: "cocoon",
          name: "land:cocoon:handler",
          count: 20,
          errors: 1,
          minMs: 1,
          p50Ms: 11,
          p95Ms: 20,
          maxMs: 20,
        },
        { tier: "air", name: "$hash", count: 1, errors: 1, minMs: 5, p50Ms: 5, p95Ms: 5, maxMs: 5 },
        { tier: "air", name: "$pull", count: 1, errors: 0, minMs: 3, p50Ms: 3, p95Ms: 3, maxMs: 3 },
        {
          tier: "air",
          name: "$often",
          count: 1_000,
          errors: 7,
          minMs: 1,
          p50Ms: 1,
          p95Ms: 2,
          maxMs: 4,
        },
      ],
    });
  });

  it("saves what it holds as a recording that restores the same traces and events", async () => {
    const attributes = [
      {
        key: "list",
        value: {
          arrayValue: {
            values: [
              { intValue: "7" },
              { kvlistValue: { values: [{ key: "half", value: { doubleValue: 0.5 } }] } },
            ],
          },
        },
      },
    ];
    await sendSpans(
      {
        ...otlpSpan({ attributes }),
        flags: 257,
        traceState: "a=1",
        events: [{ name: "e", timeUnixNano: "1760000000000000001", attributes }],
        links: [{ traceId: OTHER_ID, spanId: CHILD_ID, attributes }],
      },
      otlpSpan({ traceId: OTHER_ID }),
    );
    await sendEvents(postHogEvent(), postHogEvent({ uuid: "x", properties: {} }));
    const before = [inspector.traces(), inspector.events()];
    const { text } = await request(`${inspector.url}/api/recording`);
    const one = readRecording(
      (await request(`${inspector.url}/api/recording?trace=${OTHER_ID}`)).text,
    );
    expect(one).toMatchObject({ unread: 0, bodies: [{ pipe: "otlp" }] });
    inspector.clear();
    for (const { pipe, body } of readRecording(text).bodies)
      await postJson(
        inspector.url + (pipe === "otlp" ? "/v1/traces" : "/batch/"),
        JSON.parse(String(body)),
      );
    expect([inspector.traces(), inspector.events()]).toEqual(before);
  });

  it("saves its spans as OTLP/JSON that restores the same spans", async () => {
    await sendSpans(
      { ...otlpSpan(), flags: 257, traceState: "a=1" },
      otlpSpan({ traceId: OTHER_ID }),
    );
    await sendEvents(postHogEvent({ properties: {} }));
    const before = inspector.traces();
    const saved = await request(`${inspector.url}/api/recording?format=otlp`);
    expect(saved.headers).toMatchObject({
      "content-type": "application/json",
      "content-disposition": 'attachment; filename="recording.json"',
    });
    const one = (await request(`${inspector.url}/api/recording?format=otlp&trace=${OTHER_ID}`))
      .text;
    inspector.clear();
    expect(readRecording(saved.text)).toMatchObject({ unread: 0, bodies: [{ pipe: "otlp" }] });
    await postJson(`${inspector.url}/v1/traces`, saved.json);
    expect(inspector.traces()).toEqual(before);
    inspector.clear();
    expect(JSON.parse((await request(`${inspector.url}/api/recording?format=otlp`)).text)).toEqual({
      resourceSpans: [],
    });
    await postJson(`${inspector.url}/v1/traces`, JSON.parse(one));
    expect(inspector.traces().map(({ traceId }) => traceId)).toEqual([OTHER_ID]);
    expect((await request(`${inspector.url}/api/recording?format=constructor`)).status).toBe(400);
  });

  it("announces a change immediately, and is silent about requests that changed nothing", async () => {
    const stream = await new Promise<IncomingMessage>((resolve) =>
      get(`${inspector.url}/api/changes`, resolve),
    );
    expect(stream.headers["content-type"]).toBe("text/event-stream");
    const revisions: number[] = [];
    const next = async (): Promise<void> => {
      const text = String(await new Promise<Buffer>((resolve) => stream.once("data", resolve)));
      for (const [, revision] of text.matchAll(/^data: \{"revision":(\d+)\}$/gm))
        revisions.push(Number(revision));
    };
    await next();
    await ask("/api/counts");
    await sendSpans(otlpSpan());
    await next();
    expect(revisions).toEqual([0, 1]);
    await inspector.close();
    expect(
      stream.destroyed ||
        (await new Promise((resolve) => stream.once("close", () => resolve(true)))),
    ).toBe(true);
  });

  it("keeps a follower's connection beyond the time limit for silent ones", async () => {
    await inspector.close();
    inspector = await startInspector({ requestTimeoutMs: 300 });
    const stream = await new Promise<IncomingMessage>((resolve) =>
      get(`${inspector.url}/api/changes`, resolve),
    );
    let beats = 0;
    await new Promise<void>((resolve) =>
      stream.on(
        "data",
        (chunk: Buffer) => String(chunk).includes(":\n\n") && ++beats === 5 && resolve(),
      ),
    );
    const told = new Promise<void>((resolve) =>
      stream.on("data", (chunk: Buffer) => String(chunk).includes("data: {") && resolve()),
    );
    await sendSpans(otlpSpan());
    await told;
    stream.destroy();
  });

  it("refuses requests from another site, even for what that site could not read", async () => {
    for (const path of [
      "/api/traces",
      "/api/search?q=a",
      "/api/changes",
      "/api/recording",
      "/v1/traces",
    ]) {
      const { status } = await request(inspector.url + path, {
        headers: { "sec-fetch-site": "cross-site" },
      });
      expect([path, status]).toEqual([path, 403]);
    }
    expect(
      (
        await request(`${inspector.url}/api/traces`, {
          headers: { "sec-fetch-site": "same-origin" },
        })
      ).status,
    ).toBe(200);
    expect(
      (
        await request(`${inspector.url}/api/traces`, {
          method: "DELETE",
          headers: { origin: "https://evil.example" },
        })
      ).status,
    ).toBe(403);
  });
});

describe("readRecording", () => {
  it("splits what is too large for one request into parts, from either kind of file", async () => {
    await inspector.close();
    inspector = await startInspector({ maxBodyBytes: 1_048_576 });
    const spans = Array.from({ length: 4_500 }, (_, i) =>
      otlpSpan({ spanId: (i + 1).toString(16).padStart(16, "0") }),
    );
    const whole = JSON.stringify(otlpRequest(spans));
    expect((await postJson(`${inspector.url}/v1/traces`, JSON.parse(whole))).status).toBe(413);
    for (const text of [whole, JSON.stringify({ time: "", pipe: "otlp", pid: 1, body: whole })]) {
      inspector.clear();
      const { bodies, unread } = readRecording(text);
      expect([bodies.length, unread]).toEqual([3, 0]);
      for (const { body } of bodies)
        expect(
          (
            await request(`${inspector.url}/v1/traces`, {
              method: "POST",
              headers: { "content-type": "application/json" },
              body: String(body),
            })
          ).json,
        ).toEqual({ partialSuccess: {} });
      expect(inspector.traces()).toMatchObject([{ spanCount: 4_500, tiers: ["cocoon"] }]);
    }
  });

  it.each([
    ["OTLP/JSON", JSON.stringify(otlpRequest([]), undefined, 2), 1, 0],
    [
      "lines of OTLP/JSON",
      `${JSON.stringify(otlpRequest([]))}\n${JSON.stringify(otlpRequest([]))}\n`,
      2,
      0,
    ],
    ["a batch", JSON.stringify(postHogBatch([])), 1, 0],
    ["protobuf", JSON.stringify({ pipe: "otlp", base64: "AAEC" }), 1, 0],
    ["protobuf that is no base64", JSON.stringify({ pipe: "otlp", base64: "*" }), 0, 1],
    ["other JSON", `[1]\n"text"\nnull\n{"pipe":"smoke","body":"x"}\n`, 0, 4],
    ["nothing", "", 0, 0],
  ])("reads %s", (_what, text, bodies, unread) => {
    const recording = readRecording(text);
    expect([recording.bodies.length, recording.unread]).toEqual([bodies, unread]);
  });

  it("gives the bytes of protobuf unchanged", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const line = JSON.stringify({ pipe: "otlp", base64: Buffer.from(bytes).toString("base64") });
    expect(readRecording(line).bodies).toEqual([
      { pipe: "otlp", contentType: "application/x-protobuf", body: bytes },
    ]);
  });
});
