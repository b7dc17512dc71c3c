import { once } from "node:events";
import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { serveWorkers } from "../../lib/web/serveWorkers.js";
import type { PageMessage, WorkerItem, WorkerMessage } from "../../lib/web/workerMessages.js";
import { CHANNEL, EVERYBODY } from "../../lib/web/workerMessages.js";
import { FakeLocks } from "./support/storage.js";

let worker: BroadcastChannel;
let stop: () => void;
let taken: string[];
let page: string;
const plain = Object.getOwnPropertyDescriptor(globalThis, "navigator");

beforeEach(async () => {
  const value = { locks: new FakeLocks() };
  Object.defineProperty(globalThis, "navigator", { value, configurable: true });
  worker = new BroadcastChannel(CHANNEL);
  taken = [];
  const otlp = {
    onEnd: ({ name }: ReadableSpan) => void taken.push(name),
  } as SpanProcessor;
  const announced = nextMessage();
  stop = serveWorkers({ sessionId: "s", events: undefined, otlp });
  const message = await announced;
  expect(message).toMatchObject({ to: EVERYBODY, sessionId: "s", off: ["posthog"], taken: [] });
  page = message.page;
});
afterEach(() => {
  stop();
  worker.close();
  if (plain === undefined) Reflect.deleteProperty(globalThis, "navigator");
  else Object.defineProperty(globalThis, "navigator", plain);
});

async function nextMessage(): Promise<PageMessage> {
  const [{ data }] = (await once(worker as never, "message")) as [{ data: PageMessage }];
  return data;
}
const span = (name: string): WorkerItem => ({
  id: name,
  kind: "span",
  span: {
    name,
    attributes: {},
    links: [],
    context: { traceId: "ab".repeat(16), spanId: "cd".repeat(8), traceFlags: 1 },
    parent: undefined,
  } as never,
  failure: undefined,
  isCounted: true,
});
async function give(to: string | undefined, ...items: readonly WorkerItem[]): Promise<PageMessage> {
  const settings = { switches: {}, environment: {} } as never;
  const message: WorkerMessage = {
    to: "page",
    page: to,
    worker: "w",
    resource: {},
    settings,
    items,
  };
  const answer = nextMessage();
  worker.postMessage(message);
  return answer;
}

it("takes what is sent to it, and says so to that worker", async () => {
  expect(await give(page, span("one"), span("two"))).toMatchObject({
    to: "w",
    page,
    taken: ["one", "two"],
  });
  expect(taken).toEqual(["one", "two"]);
});

it("takes nothing that was sent to the page before it, and tells the worker who it is", async () => {
  for (const other of ["the page before", undefined])
    expect(await give(other, span("one"))).toMatchObject({ to: "w", page, taken: [] });
  expect(taken).toEqual([]);
  await give(page, span("one"));
  expect(taken).toEqual(["one"]);
});
