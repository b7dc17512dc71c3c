import type { HttpResult, HttpTransportSettings } from "../../../lib/delivery/HttpTransport.js";
import { page } from "../../../lib/web/page.js";
import {
  HttpTransport,
  MAX_REPLY_BYTES,
} from "../../../lib/web/platform/delivery/HttpTransport.js";

type Init = RequestInit & { readonly keepalive: boolean; readonly signal?: AbortSignal };
/** What was fetched, and what answers it. */
let fetched: [url: string, init: Init][];
let answer: (url: string, init: Init) => Promise<Response>;
const plain = globalThis.fetch;

beforeEach(() => {
  fetched = [];
  answer = () => Promise.resolve(new Response("{}", { status: 200 }));
  globalThis.fetch = ((url: URL, init: Init) => {
    fetched.push([url.href, init]);
    return answer(url.href, init);
  }) as never;
});
afterEach(() => {
  globalThis.fetch = plain;
  page.relay = undefined;
  page.isHiding = false;
  page.keptAlive = 0;
  page.ours.clear();
  page.refused.clear();
});

const make = (more: Partial<HttpTransportSettings> = {}): HttpTransport =>
  new HttpTransport({
    url: "http://127.0.0.1:4318/v1/traces",
    headers: () => ({ "x-own": "1" }),
    timeoutMillis: 10_000,
    ...more,
  } as HttpTransportSettings);
const post = (transport: HttpTransport, body: string | Uint8Array = "{}") =>
  transport.post(body, "application/json");

describe("a page's transport, by fetch", () => {
  it("addresses this machine as localhost, sends nothing of the page's, and gives the answer", async () => {
    answer = () =>
      Promise.resolve(
        new Response("busy", { status: 503, headers: { "retry-after": "7", "x-other": "1" } }),
      );
    const result = await post(make());
    const [[url, init] = []] = fetched;
    expect(url).toBe("http://localhost:4318/v1/traces");
    expect(init).toMatchObject({
      method: "POST",
      headers: { "x-own": "1", "content-type": "application/json" },
      credentials: "omit",
      referrerPolicy: "no-referrer",
      redirect: "error",
      keepalive: false,
    });
    expect(result).toMatchObject({
      reply: { status: 503, headers: { "retry-after": "7" }, cut: false },
    });
    const { reply } = result as Extract<HttpResult, { reply: object }>;
    expect(reply.headers).not.toHaveProperty("x-other");
    expect(reply.body.toString()).toBe("busy");
  });

  it("cuts off a reply that is too long", async () => {
    const text = "x".repeat(MAX_REPLY_BYTES + 1);
    answer = () => Promise.resolve(new Response(text));
    expect(await post(make())).toMatchObject({ reply: { cut: true } });
  });

  it("reads no more of an endless reply than its limit, and ends the request", async () => {
    const chunk = new Uint8Array(MAX_REPLY_BYTES / 4).fill(0x78);
    let chunks = 0;
    const ended = new Promise((resolve) => {
      const pull = (stream: ReadableStreamDefaultController): void => {
        chunks++;
        stream.enqueue(chunk);
      };
      const body = new ReadableStream({ pull, cancel: resolve }, { highWaterMark: 0 });
      answer = () => Promise.resolve(new Response(body));
    });
    expect(await post(make())).toMatchObject({ reply: { cut: true } });
    await ended;
    expect(chunks).toBe(5);
  });

  it("reads a reply without a body, and one whose characters are in two chunks", async () => {
    answer = () => Promise.resolve(new Response(null, { status: 204 }));
    expect(await post(make())).toMatchObject({ reply: { status: 204, cut: false } });
    const bytes = new TextEncoder().encode('{"name":"Zoë"}');
    const body = new ReadableStream({
      start: (stream) => {
        for (const byte of bytes) stream.enqueue(Uint8Array.of(byte));
        stream.close();
      },
    });
    answer = () => Promise.resolve(new Response(body));
    const { reply } = (await post(make())) as { reply: { body: Uint8Array } };
    expect(new TextDecoder().decode(reply.body)).toBe('{"name":"Zoë"}');
  });

  it("does not retry what the policy refused, except under this machine's other name", async () => {
    const transport = make();
    answer = (url) => {
      page.onViolation(url);
      return Promise.reject(new TypeError("Failed to fetch"));
    };
    expect(await post(transport)).toEqual({ failure: "policy" });
    expect(await post(transport)).toEqual({ failure: "policy" });
    expect(await post(transport)).toEqual({ failure: "policy" });
    expect(fetched.map(([url]) => new URL(url).hostname)).toEqual(["localhost", "127.0.0.1"]);
    expect(page.onViolation("https://theirs.example/x")).toBe(false);
  });

  it("lets requests outlive a hidden page, up to the total of bytes that browsers allow", async () => {
    page.isHiding = true;
    const ends: (() => void)[] = [];
    answer = () => new Promise((resolve) => ends.push(() => resolve(new Response("{}"))));
    const transport = make();
    const posts = [40_000, 15_000, 15_000].map((size) => post(transport, "x".repeat(size)));
    await new Promise(setImmediate);
    expect(fetched.map(([, { keepalive }]) => keepalive)).toEqual([true, true, false]);
    // A request that outlives the page has no signal to abort it.
    expect(fetched.map(([, { signal }]) => signal === undefined)).toEqual([true, true, false]);
    for (const end of ends) end();
    await Promise.all(posts);
    expect(page.keptAlive).toBe(0);
  });

  it("answers in time, and when it is closed, even if the far end never does", async () => {
    answer = () => new Promise(() => undefined);
    expect(await post(make({ timeoutMillis: 5 }))).toEqual({ failure: "timeout" });
    const transport = make();
    const pending = post(transport);
    expect(transport.inFlight).toBe(1);
    transport.close();
    expect(await pending).toEqual({ failure: "aborted" });
    expect(transport.inFlight).toBe(0);
  });

  it("reports an invalid URL, and survives headers and a fetch that throw", async () => {
    expect(await post(make({ url: "nowhere" }))).toEqual({ failure: "invalid_url" });
    const fail = (): never => {
      throw new Error("theirs");
    };
    expect(await post(make({ headers: fail }))).toEqual({ failure: "network" });
    answer = fail;
    expect(await post(make())).toEqual({ failure: "network" });
  });
});

describe("a page's transport, by the relay", () => {
  it("hands bodies over as strings, and treats any resolved value but false as acceptance", async () => {
    const bodies: string[] = [];
    page.relay = (body) => {
      bodies.push(body);
      return bodies.length === 3 ? false : undefined;
    };
    const transport = make();
    expect(await post(transport, "text")).toMatchObject({ reply: { status: 200 } });
    expect(await post(transport, new TextEncoder().encode("bytes"))).toHaveProperty("reply");
    expect(await post(transport)).toEqual({ failure: "relay" });
    expect(bodies).toEqual(["text", "bytes", "{}"]);
    expect(fetched).toEqual([]);
  });

  it("falls back to fetch only if the relay has failed three times and never worked", async () => {
    let works = false;
    page.relay = () => (works ? Promise.resolve() : Promise.reject(new Error("no command")));
    const doubted = make();
    for (let i = 0; i < 3; i++) expect(await post(doubted)).toEqual({ failure: "relay" });
    expect(await post(doubted)).toHaveProperty("reply");
    expect(fetched).toHaveLength(1);
    const trusted = make();
    works = true;
    await post(trusted);
    works = false;
    for (let i = 0; i < 5; i++) expect(await post(trusted)).toEqual({ failure: "relay" });
    expect(fetched).toHaveLength(1);
  });
});
