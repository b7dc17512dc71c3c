import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { PostHog } from "posthog-node";
import { PostHogClient } from "../../lib/posthog/PostHogClient.js";
import type { WireEvent } from "../../lib/posthog/PostHogEvent.js";
import { configure } from "../posthog/support.js";

/**
 * Behaviour of posthog-node that our pipe is built around. A failure here after an upgrade means that a trap has
 * changed: check whether lib/posthog/PostHogClient.ts still closes it, or no longer needs to.
 */

interface FarEnd {
  readonly url: string;
  readonly paths: string[];
  readonly batches: {
    readonly batch: readonly { readonly uuid: string; readonly event: string }[];
  }[];
  status: number;
  close(): Promise<void>;
}

async function startFarEnd(): Promise<FarEnd> {
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      self.paths.push(request.url ?? "");
      self.batches.push(
        JSON.parse(Buffer.concat(chunks).toString("utf8")) as FarEnd["batches"][number],
      );
      response.writeHead(self.status, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const self: FarEnd = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    paths: [],
    batches: [],
    status: 200,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return self;
}

const UUID = "0190a0a0-0000-8000-8000-000000000001";
type Options = NonNullable<ConstructorParameters<typeof PostHog>[1]>;
type Fetch = NonNullable<Options["fetch"]>;
const OK: Awaited<ReturnType<Fetch>> = {
  status: 200,
  text: () => Promise.resolve("{}"),
  json: () => Promise.resolve({}),
  headers: { get: () => null },
};

let printed: jest.SpyInstance;
beforeEach(() => (printed = jest.spyOn(console, "error").mockImplementation(() => undefined)));
afterEach(() => printed.mockRestore());

/** A client with our settings, and the request bodies that it hands over. */
function ours(
  respond: () => ReturnType<Fetch> = () => Promise.resolve(OK),
  options: Options = {},
): { client: PostHog; bodies: string[]; events: () => string[] } {
  const bodies: string[] = [];
  const client = new PostHog("phc_contract", {
    host: "http://127.0.0.1:9",
    flushAt: 1_000,
    maxBatchSize: 1_000,
    flushInterval: 60_000,
    disableCompression: true,
    fetchRetryCount: 0,
    isServer: false,
    fetch: (_url, { body }) => {
      if (typeof body === "string") bodies.push(body);
      return respond();
    },
    ...options,
  });
  const events = (): string[] =>
    bodies.flatMap((body) =>
      (JSON.parse(body) as { batch: { event: string }[] }).batch.map(({ event }) => event),
    );
  return { client, bodies, events };
}

describe("posthog-node", () => {
  it("deletes a batch that is still answered 503 after its retries: why its requests must never fail", async () => {
    const farEnd = await startFarEnd();
    farEnd.status = 503;
    const client = new PostHog("phc_contract", {
      host: farEnd.url,
      fetchRetryCount: 0,
      disableCompression: true,
      flushInterval: 60_000,
    });
    client.capture({ event: "lost", distinctId: "someone" });
    await expect(client.flush()).rejects.toThrow();
    farEnd.status = 200;
    await client.flush();
    expect(
      farEnd.batches.filter(({ batch }) => batch.some(({ event }) => event === "lost")),
    ).toHaveLength(1);
    await client.shutdown();
    await farEnd.close();
  });

  it("keeps a batch whose custom fetch throws, and sends it with the next flush", async () => {
    let fails = true;
    const { client, bodies } = ours(() =>
      fails ? Promise.reject(new Error("offline")) : Promise.resolve(OK),
    );
    client.capture({ event: "kept", distinctId: "someone" });
    await expect(client.flush()).rejects.toThrow();
    fails = false;
    await client.flush();
    expect(bodies).toHaveLength(2);
    await client.shutdown();
  });

  it("gives a custom fetch the body as a string that names the events by uuid if compression is off", async () => {
    const { client, bodies } = ours();
    client.capture({ event: "named", distinctId: "someone", uuid: UUID, timestamp: new Date(0) });
    await client.flush();
    expect((JSON.parse(bodies[0] ?? "") as { batch: unknown[] }).batch).toEqual([
      expect.objectContaining({
        uuid: UUID,
        event: "named",
        timestamp: "1970-01-01T00:00:00.000Z",
      }),
    ]);
    await client.shutdown();
  });

  it("queues a capture some microtasks later: why the pipe holds events itself", async () => {
    const { client, events } = ours();
    const later = client.flush();
    client.capture({ event: "late", distinctId: "someone" });
    expect(events()).toEqual([]);
    await later;
    await client.flush();
    expect(events()).toEqual(["late"]);
    await client.shutdown();
  });

  it("raises the batch size to flushAt, whatever maxBatchSize says", async () => {
    const { client, bodies } = ours(undefined, { flushAt: 50, maxBatchSize: 10 });
    for (let i = 0; i < 49; i++) client.capture({ event: `e${i}`, distinctId: "someone" });
    await client.flush();
    expect(bodies).toHaveLength(1);
    await client.shutdown();
  });

  it("uses another endpoint with POSTHOG_CAPTURE_MODE=v1: why the mode is set on our client", async () => {
    const farEnd = await startFarEnd();
    process.env["POSTHOG_CAPTURE_MODE"] = "v1";
    try {
      const client = new PostHog("phc_contract", {
        host: farEnd.url,
        disableCompression: true,
        flushInterval: 60_000,
      });
      client.capture({ event: "elsewhere", distinctId: "someone" });
      await client.flush();
      expect(farEnd.paths).not.toContain("/batch/");
      expect(farEnd.paths).toHaveLength(1);
      await client.shutdown();
    } finally {
      delete process.env["POSTHOG_CAPTURE_MODE"];
      await farEnd.close();
    }
  });

  it("drops the oldest event when its queue is full: why the pipe has a limit and our client has none", async () => {
    const { client, events } = ours(undefined, { maxQueueSize: 3, flushAt: 3, maxBatchSize: 3 });
    for (let i = 0; i < 5; i++) client.capture({ event: `e${i}`, distinctId: "someone" });
    await client.flush();
    expect(events()).toEqual(["e2", "e3", "e4"]);
    await client.shutdown();
  });

  it("prints if a background flush fails: why its requests must never fail", async () => {
    const failed = new Promise<void>((resolve) => printed.mockImplementation(() => resolve()));
    const { client } = ours(() => Promise.reject(new Error("offline")), { flushAt: 1 });
    client.capture({ event: "loud", distinctId: "someone" });
    await failed;
    expect(printed).toHaveBeenCalled();
    await client.shutdown(10).catch(() => undefined);
  });

  it("prints nothing and sends everything at shutdown if its requests always succeed", async () => {
    const { client, events } = ours();
    for (let i = 0; i < 250; i++) client.capture({ event: `e${i}`, distinctId: "someone" });
    await client.shutdown(1_000);
    expect(new Set(events()).size).toBe(250);
    expect(printed).not.toHaveBeenCalled();
  });

  it("gives an $exception without a $trace_id the ids of the active span: why our client prevents that", async () => {
    const { client, bodies } = ours();
    inSpan(() => client.capture({ event: "$exception", distinctId: "someone", properties: {} }));
    await client.flush();
    expect(bodies[0]).toContain(TRACE);
    await client.shutdown();
  });
});

const TRACE = "0af7651916cd43dd8448eb211c80319c";

/** Works within a span of the host's. */
function inSpan(work: () => void): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const span = trace.wrapSpanContext({ traceId: TRACE, spanId: "b7ad6b7169203331", traceFlags: 1 });
  try {
    context.with(trace.setSpan(context.active(), span), work);
  } finally {
    context.disable();
  }
}

describe("our client", () => {
  let bodies: string[];
  const open = (options = {}): PostHogClient => {
    bodies = [];
    const { posthog } = configure({ flushInterval: 60_000, flushAt: 1_000, ...options });
    return new PostHogClient(posthog, (body) => bodies.push(body));
  };
  const batch = (): WireEvent[] =>
    bodies.flatMap((body) => (JSON.parse(body) as { batch: WireEvent[] }).batch);
  const json = (more: Partial<WireEvent> = {}): string =>
    JSON.stringify({
      event: "named",
      distinct_id: "someone",
      properties: { $lib: "theirs", $lib_version: "1", $geoip_disable: false },
      timestamp: "2026-01-01T00:00:00.123Z",
      uuid: UUID,
      ...more,
    });

  it("sends exactly what it was given, in the legacy form, whatever the variable says", async () => {
    process.env["POSTHOG_CAPTURE_MODE"] = "v1";
    try {
      const client = open();
      client.captureJson(json());
      await client.flush();
      expect(bodies.map((body) => Object.keys(JSON.parse(body) as object))).toEqual([
        ["api_key", "batch", "sent_at"],
      ]);
      expect(batch()).toEqual([JSON.parse(json())]);
      expect(process.env["POSTHOG_CAPTURE_MODE"]).toBe("v1");
    } finally {
      delete process.env["POSTHOG_CAPTURE_MODE"];
    }
  });

  it("adds no span to an $exception that has none", async () => {
    const client = open();
    const exception = json({ event: "$exception", properties: {} });
    inSpan(() => client.captureJson(exception));
    await client.flush();
    expect(batch()).toEqual([JSON.parse(exception)]);
  });

  it("drops nothing, however much it holds, and prints nothing", async () => {
    const client = open({ flushAt: 100_000 });
    for (let i = 0; i < 10_500; i++)
      client.captureJson(json({ uuid: UUID.replace(/.{5}$/, String(i).padStart(5, "0")) }));
    await client.flush();
    expect(new Set(batch().map(({ uuid }) => uuid)).size).toBe(10_500);
    expect(printed).not.toHaveBeenCalled();
  });
});
