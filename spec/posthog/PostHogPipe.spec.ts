import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PostHogOptions, TelemetryOptions } from "../../lib/config/TelemetryOptions.js";
import type { DeliveryRecord } from "../../lib/delivery/DeliveryRecord.js";
import { DeliveryStats } from "../../lib/delivery/DeliveryStats.js";
import type { HandlerRun } from "../../lib/posthog/HandlerCompletions.js";
import type { PostHogEvent } from "../../lib/posthog/PostHogEvent.js";
import { batchFormat, PostHogPipe } from "../../lib/posthog/PostHogPipe.js";
import { createRedactor } from "../../lib/redaction/createRedactor.js";
import type { Receiver } from "../support/receiver.js";
import { startReceiver } from "../support/receiver.js";
import { configure, SESSION } from "./support.js";

const NEVER = 1e9;
let receiver: Receiver;
let stats: DeliveryStats;
let pipe: PostHogPipe;
let recorded: unknown[];
let sent: Handover[];
let onSend: () => void;

/** One call of the delivery queue's `send`. */
interface Handover {
  readonly records: readonly DeliveryRecord[];
  readonly body: Uint8Array | string | undefined;
}

beforeEach(async () => {
  receiver = await startReceiver();
  [recorded, sent, onSend] = [[], [], () => undefined];
});
afterEach(async () => {
  pipe.close();
  await pipe.queue.close(1_000);
  await receiver.close();
  jest.restoreAllMocks();
});

function start(posthog: PostHogOptions = {}, options: Partial<TelemetryOptions> = {}): void {
  stats = new DeliveryStats();
  pipe = new PostHogPipe({
    configuration: configure({ host: receiver.url, ...posthog }, options),
    redactor: createRedactor({ enabled: options.privacy !== false }),
    stats,
    sessionId: SESSION,
    recorder: { record: (...line: unknown[]) => recorded.push(line) } as never,
  });
  const send = pipe.queue.send.bind(pipe.queue);
  jest.spyOn(pipe.queue, "send").mockImplementation(async (records, body) => {
    const result = await send(records, body);
    await pipe.queue.drain(10_000);
    sent.push({ records, body });
    onSend();
    return result;
  });
}

/** Waits until the queue has sent what it was handed in this many calls. */
function handovers(count: number): Promise<void> {
  return new Promise((resolve) => {
    onSend = () => (sent.length >= count ? resolve() : undefined);
    onSend();
  });
}

let serial = 0;
function event(more: Partial<PostHogEvent> = {}): PostHogEvent {
  return {
    event: "saved",
    distinctId: "someone",
    properties: { size: 3, $lib: "theirs", $geoip_disable: false, password: "hunter2" },
    timestamp: "2026-01-01T00:00:00.123Z",
    uuid: `00000000-0000-8000-8000-${(++serial).toString().padStart(12, "0")}`,
    urgent: false,
    ...more,
  };
}

function send(...events: PostHogEvent[]): string[] {
  for (const each of events) pipe.send(each);
  return events.map(({ uuid }) => uuid);
}

const arrived = (): string[] => receiver.events().map(({ uuid }) => uuid);
const parse = (body: unknown): unknown => JSON.parse(String(body));

describe("posthog-node in the pipe", () => {
  it("makes the request body from the redacted events, to which it adds nothing of its own", async () => {
    start({ flushAt: 2, flushInterval: NEVER });
    const uuids = send(event(), event({ event: "$exception", urgent: true }));
    await handovers(1);
    const [{ records, body } = { records: [], body: undefined }] = sent;
    expect(records.map(({ id }) => id)).toEqual(uuids);
    expect(receiver.requests.map((request) => request.body)).toEqual([body]);
    expect(parse(body)).toEqual({
      api_key: "phc_test",
      batch: records.map((record) => parse(record.body)),
      sent_at: expect.any(String),
    });
    expect(receiver.events()[0]?.properties).toEqual({
      size: 3,
      $lib: "theirs",
      $geoip_disable: false,
      password: expect.not.stringContaining("hunter2"),
    });
    expect(recorded).toEqual([["posthog", body]]);
    expect(stats.snapshot()).toMatchObject({ accepted: 2, delivered: 2, pending: 0, spooled: 0 });
  });

  it("sends an event that arrives alone when the window ends", async () => {
    start({ flushAt: 100, flushInterval: 20 });
    const first = send(event());
    await handovers(1);
    const second = send(event());
    await handovers(2);
    expect(arrived()).toEqual([...first, ...second]);
    expect(sent.map(({ body }) => typeof body)).toEqual(["string", "string"]);
  });

  it("sends no event again that has left by another route before it made its request", async () => {
    start({ flushAt: 100, flushInterval: 50 });
    send(event());
    await handovers(1);
    send(event());
    void pipe.release();
    const [last] = send(event());
    await handovers(3);
    expect(sent[2]).toMatchObject({ records: [{ id: last }], body: undefined });
    expect(new Set(arrived()).size).toBe(3);
    expect(arrived()).toHaveLength(3);
  });

  it("is bypassed if it cannot be loaded, and is tried again in the next window", async () => {
    jest.doMock("../../lib/posthog/PostHogClient.js", () => {
      throw new Error("no such file");
    });
    start({ flushAt: 2, flushInterval: 20 });
    const first = send(event(), event());
    await handovers(1);
    jest.dontMock("../../lib/posthog/PostHogClient.js");
    const second = send(event());
    await handovers(2);
    expect(arrived()).toEqual([...first, ...second]);
    expect(sent.map(({ body }) => typeof body)).toEqual(["undefined", "string"]);
  });

  it("is bypassed if it fails to flush", async () => {
    jest.resetModules();
    jest.doMock("../../lib/posthog/PostHogClient.js", () => ({
      PostHogClient: class {
        captureJson(): void {}
        flush(): Promise<void> {
          return Promise.reject(new Error("of another version"));
        }
      },
    }));
    start({ flushAt: 2, flushInterval: 20 });
    const events = send(event(), event());
    await handovers(1);
    jest.dontMock("../../lib/posthog/PostHogClient.js").resetModules();
    expect(arrived()).toEqual(events);
    expect(sent.map(({ body }) => body)).toEqual([undefined]);
  });

  it("is loaded once, however many events arrive meanwhile", async () => {
    let clients = 0;
    const PostHogClient = class {
      constructor() {
        clients++;
      }
      captureJson(): void {
        // It keeps nothing.
      }
      flush(): Promise<void> {
        return Promise.resolve();
      }
    };
    jest.doMock("../../lib/posthog/PostHogClient.js", () => ({ PostHogClient }));
    start({ flushAt: 1, flushInterval: NEVER });
    send(event(), event());
    await pipe.load();
    jest.dontMock("../../lib/posthog/PostHogClient.js");
    expect(clients).toBe(1);
  });

  it("leaves compression to the transport, which applies it above a kilobyte", async () => {
    start({ flushAt: 1, flushInterval: NEVER });
    send(event());
    await handovers(1);
    send(event({ properties: { text: "one word after the other ".repeat(100) } }));
    await handovers(2);
    expect(receiver.requests.map(({ headers }) => headers["content-encoding"])).toEqual([
      undefined,
      "gzip",
    ]);
  });

  it("is given each event as it was when captured", async () => {
    start({ flushAt: 2, flushInterval: NEVER }, { privacy: false });
    const properties = { list: ["before"] };
    send(event({ properties }));
    properties.list[0] = "after";
    send(event());
    await handovers(1);
    expect(receiver.events()[0]?.properties).toEqual({ list: ["before"] });
  });
});

describe("an event in the pipe", () => {
  let spool: string;
  beforeEach(() => (spool = mkdtempSync(join(tmpdir(), "land-pipe-"))));
  afterEach(() => rmSync(spool, { recursive: true, force: true }));

  const onDisk = (): string =>
    readdirSync(spool, { recursive: true, encoding: "utf8", withFileTypes: true } as never)
      .map((entry) => entry as unknown as { isFile(): boolean; parentPath: string; name: string })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8"))
      .join("");

  it("is on disk when the call returns if it is urgent, yet still pending", () => {
    start({ flushAt: NEVER, flushInterval: NEVER }, { spool: { directory: spool } });
    const [ordinary = "", urgent = ""] = send(event(), event({ urgent: true }));
    expect(onDisk()).toContain(urgent);
    expect(onDisk()).not.toContain(ordinary);
    expect(stats.snapshot()).toMatchObject({ accepted: 2, pending: 2, spooled: 0 });
  });

  it("goes to disk at the end of the process, if there are too many, or once the pipe is closed", () => {
    start({ flushAt: NEVER, flushInterval: NEVER }, { spool: { directory: spool } });
    send(event());
    pipe.store();
    expect(stats.snapshot()).toMatchObject({ pending: 0, spooled: 1 });
    for (let count = 0; count < 10_001; count++) send(event({ properties: {} }));
    expect(stats.snapshot()).toMatchObject({ pending: 10_000, spooled: 2 });
    pipe.store();
    pipe.close();
    send(event());
    expect(stats.snapshot()).toMatchObject({ pending: 0, spooled: 10_003 });
  });

  it("is counted as dropped if it is a duplicate, cannot be serialised or is throttled", async () => {
    start({}, { throttle: { perSecond: 1, errorCap: 7 } });
    const twice = event({ urgent: true });
    send(twice, twice);
    send(event({ properties: hostile() }));
    expect([pipe.admit("saved", undefined), pipe.admit("saved", undefined)]).toEqual([true, false]);
    await pipe.release();
    send(twice);
    expect(stats.snapshot()).toMatchObject({
      accepted: 5,
      dropped: { duplicate: 1, unserialisable: 1, throttled: 1 },
    });
    expect(pipe.takeThrottleReport()).toMatchObject({ dropped: 1 });
    expect(pipe.takeThrottleReport()).toBeUndefined();
  });
});

describe("the runs of a handler", () => {
  const run = (durationMs: number): HandlerRun => ({
    event: "land:cocoon:handler:complete",
    tier: "cocoon",
    feature: "$hover",
    durationMs,
    ok: true,
    cancelled: false,
    span: undefined,
  });
  const gather = (count: number): boolean[] =>
    Array.from({ length: count }, (_, i) => pipe.admitRun(run(i + 1)));

  it("beyond the rate are pending until they leave as one event, which counts as all of them", async () => {
    start({}, { throttle: { completionsPerSecond: 2 } });
    expect(gather(100).filter(Boolean)).toHaveLength(2);
    expect(stats.snapshot()).toMatchObject({ accepted: 98, pending: 98 });
    await pipe.release();
    expect(stats.snapshot()).toMatchObject({ accepted: 98, pending: 0, delivered: 98 });
    expect(receiver.events()).toMatchObject([
      { event: "land:cocoon:handler:complete", properties: { count: 98, max_ms: 100 } },
    ]);
    await pipe.release();
    expect(receiver.events()).toHaveLength(1);
  });

  it("are stored on disk at the end of a process, and all counted", () => {
    const directory = mkdtempSync(join(tmpdir(), "land-pipe-"));
    start({}, { throttle: { completionsPerSecond: 2 }, spool: { directory } });
    gather(50);
    pipe.store();
    expect(stats.snapshot()).toMatchObject({ accepted: 48, pending: 0, spooled: 48 });
    pipe.close();
    // Once the pipe is closed, nothing would send gathered runs.
    expect(gather(5)).toEqual([true, true, true, true, true]);
    rmSync(directory, { recursive: true, force: true });
  });

  it("refused by PostHog's quota are all counted", () => {
    start();
    const body = Buffer.from('{"status":1,"quota_limited":["events"]}');
    const record = { id: "a", count: 48, urgent: false, body: '{"event":"x"}' };
    expect(
      batchFormat("phc_x").readReply?.({ status: 200, headers: {}, body } as never, [record]),
    ).toEqual({ rejected: 48, reason: "quota_limited" });
  });
});

describe("an error that the host ignores", () => {
  it("is counted as dropped, while a renamed one is not", () => {
    start({}, { ignoreErrors: ["TypeError", () => "renamed"] });
    expect(pipe.tagOf(new TypeError("x"), "tag", "span")).toBeUndefined();
    expect(pipe.tagOf(new Error("x"), "tag", "span")).toBe("renamed");
    expect(stats.snapshot()).toMatchObject({ accepted: 1, dropped: { ignored: 1 }, pending: 0 });
  });
});

function hostile(): PostHogEvent["properties"] {
  return {
    get size(): never {
      throw new Error("hostile");
    },
  };
}

describe("a request body of events from the disk", () => {
  it("has PostHog's form, whether the events are bytes or strings", () => {
    const record = { id: "1", count: 1, urgent: true, body: '{"event":"ä"}' };
    const bytes = { ...record, body: Buffer.from('{"event":"ö"}') };
    expect(parse(batchFormat('phc_"').join([record, bytes]))).toEqual({
      api_key: 'phc_"',
      batch: [{ event: "ä" }, { event: "ö" }],
      sent_at: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });
});
