import { once } from "node:events";
import { WorkerLink } from "../../lib/web/WorkerLink.js";
import type { PageMessage, WorkerItem, WorkerMessage } from "../../lib/web/workerMessages.js";
import { CHANNEL, EVERYBODY } from "../../lib/web/workerMessages.js";

let link: WorkerLink;
/** The page's end of the channel. */
let page: BroadcastChannel;
beforeEach(() => {
  page = new BroadcastChannel(CHANNEL);
  link = new WorkerLink({ switches: {}, environment: {} });
});
afterEach(() => {
  link.close();
  page.close();
});

const event = (id: string, properties = {}): WorkerItem => ({
  id,
  kind: "event",
  name: "saved",
  properties,
  failure: undefined,
  origin: "captureError",
  active: undefined,
  timestamp: "2026-01-02T03:04:05.678Z",
});
const answer = (members: Partial<PageMessage>): void =>
  page.postMessage({
    to: EVERYBODY,
    page: "a page",
    sessionId: "s",
    off: [],
    taken: [],
    ...members,
  });
/** The next message of the worker: its id, the page it is meant for and the ids of its items. */
async function nextMessage(): Promise<{
  worker: string;
  page: string | undefined;
  ids: readonly string[];
}> {
  const [{ data }] = (await once(page as never, "message")) as [{ data: WorkerMessage }];
  return { worker: data.worker, page: data.page, ids: data.items.map(({ id }) => id) };
}
const posthog = (): unknown => {
  const { accepted, delivered, pending, dropped } = link.stats().posthog;
  return { accepted, delivered, pending, dropped };
};

it("hands what it holds to the page that answers, and counts what that page has taken", async () => {
  link.give(event("one"), true);
  link.open();
  expect((await nextMessage()).ids).toEqual([]);
  expect(posthog()).toEqual({ accepted: 1, delivered: 0, pending: 1, dropped: {} });
  const sessions: string[] = [];
  link.onSession = (sessionId) => void sessions.push(sessionId);
  answer({});
  expect((await nextMessage()).ids).toEqual(["one"]);
  answer({ taken: ["one"] });
  await link.empty(10_000);
  expect([posthog(), sessions]).toEqual([
    { accepted: 1, delivered: 1, pending: 0, dropped: {} },
    ["s"],
  ]);
});

it("ignores what is addressed to another worker, and hands everything to a page that takes over", async () => {
  link.open();
  const { worker } = await nextMessage();
  link.give(event("one"), true);
  answer({ to: worker });
  expect((await nextMessage()).ids).toEqual(["one"]);
  answer({ to: "another", page: "another page", taken: ["one"] });
  answer({ page: "a page that took over" });
  expect(await nextMessage()).toEqual({ worker, page: "a page that took over", ids: ["one"] });
  expect(posthog()).toMatchObject({ delivered: 0, pending: 1 });
});

it("drops and counts an item that no message can hold, and sends the others", async () => {
  link.open();
  await nextMessage();
  answer({});
  link.give(event("one"), false);
  link.give(event("two", { call: () => undefined }), true);
  const received = await nextMessage();
  expect(received.ids).toEqual(["one"]);
  expect(posthog()).toMatchObject({ accepted: 2, pending: 1, dropped: { unserialisable: 1 } });
});

it("holds nothing for a pipe that the page has turned off", async () => {
  link.open();
  const { worker } = await nextMessage();
  link.give(event("early"), true);
  answer({ to: worker, off: ["posthog"] });
  expect((await nextMessage()).ids).toEqual(["early"]);
  link.give(event("late"), true);
  expect([link.isOff("posthog"), link.isOff("otlp"), posthog()]).toEqual([
    true,
    false,
    { accepted: 1, delivered: 0, pending: 1, dropped: {} },
  ]);
});
