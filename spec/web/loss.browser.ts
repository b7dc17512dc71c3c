import { startSite, usePages, variablesFor } from "./support/site.js";

const PROGRAM = `
import * as telemetry from "land-telemetry";
globalThis.telemetry = telemetry;
telemetry.register("sky");
`;
/** Waits until what keeps events is loaded; before that, a killed page loses most. */
const READY = "telemetry.flush(0)";
/** Rounds of the five ways to end below. */
const ROUNDS = Number(process.env["PAGES"] ?? 20) / 5;

const test = usePages(() => startSite({ page: PROGRAM }));

async function open() {
  const page = await test.context.newPage();
  await page.goto(test.site.page("page", variablesFor(test.farEnd)));
  await page.evaluate(READY);
  return page;
}

/** Opens another page, which takes over what the earlier ones left. */
async function replay(): Promise<Record<string, Record<string, number>>> {
  const page = await open();
  await page.evaluate("telemetry.flush(10000)");
  return page.evaluate("telemetry.stats()");
}

const tagsOf = (events: readonly { uuid: string; properties: Record<string, unknown> }[]) => [
  ...new Map(
    events.map(({ uuid, properties }) => [uuid, String(properties["error_tag"])]),
  ).values(),
];

it("loses no error or session event if pages are closed, navigated, reloaded, hidden and killed, or crash", async () => {
  const tags: string[] = [];
  const capture = (end: string, round: number): string => {
    const tag = `${end}-${round}`;
    tags.push(tag);
    return `telemetry.withSpan("land:sky:work:${end}", () => undefined); telemetry.captureError("${tag}", new Error("${tag}"))`;
  };
  for (let round = 0; round < ROUNDS; round++) {
    const closed = await open();
    await closed.evaluate(capture("closed", round));
    await closed.close();
    const left = await open();
    await left.evaluate(`${capture("navigated", round)}; location.href = "about:blank"`);
    await left.waitForURL("about:blank");
    await left.close();
    const again = await open();
    const isBack = again.waitForEvent("load");
    await again.evaluate(`${capture("reloaded", round)}; location.reload()`);
    await isBack;
    await again.evaluate(READY);
    await again.close();
    for (const end of ["hidden", "crashed"]) {
      const killed = await open();
      if (end === "hidden")
        await killed.evaluate(
          `telemetry.withSpan("land:sky:work:before-hidden", () => undefined); Object.defineProperty(document, "visibilityState", { value: "hidden" }); document.dispatchEvent(new Event("visibilitychange"))`,
        );
      await killed.evaluate(capture(end, round));
      const dead = killed.waitForEvent("crash");
      void killed.goto("chrome://crash").catch(() => undefined);
      await dead;
      await killed.close();
    }
  }
  await replay();
  const errors = test.farEnd.events().filter(({ event }) => event === "land:sky:error");
  expect(tagsOf(errors).sort()).toEqual(tags.sort());
  const sessions = test.farEnd.events().filter(({ event }) => event === "land:sky:session:start");
  // One for each page, one more for each reload, and one for the last page.
  expect(new Set(sessions.map(({ uuid }) => uuid)).size).toBe(6 * ROUNDS + 1);
  // A page that ends sends or keeps its spans, each once; a killed page loses those of its last batch.
  const spansOf = (end: string) =>
    new Set(
      test.farEnd
        .spans()
        .filter(({ name }) => name === `land:sky:work:${end}`)
        .map(({ spanId }) => spanId),
    ).size;
  const ends = ["closed", "navigated", "reloaded", "before-hidden", "hidden", "crashed"];
  for (const end of ends.slice(0, 4)) expect([end, spansOf(end)]).toEqual([end, ROUNDS]);
  console.log(
    `${tags.length} errors, ${errors.length} on the wire; ${sessions.length} session starts; spans of ${ROUNDS}: ${ends.map((end) => `${end} ${spansOf(end)}`).join(", ")}`,
  );
});

it("reports an error of a page's first milliseconds once, from the next page, if the rest never loaded", async () => {
  const page = await test.context.newPage();
  // The file that redacts never arrives.
  await page.route(/engine/, () => undefined);
  await page.goto(test.site.page("page", variablesFor(test.farEnd)));
  await page.evaluate(
    'telemetry.captureError("sky:early", new RangeError("of /home/pat")); telemetry.captureError("with 1 digit", "text")',
  );
  // Another window takes nothing from one that is alive.
  const beside = await open();
  await beside.evaluate("telemetry.flush(5000)");
  const errors = () => test.farEnd.events().filter(({ event }) => event === "land:sky:error");
  expect(errors()).toEqual([]);
  const dead = page.waitForEvent("crash");
  void page.goto("chrome://crash").catch(() => undefined);
  await dead;
  for (let round = 0; round < 2; round++) await replay();
  const said = errors().map(({ properties }) => [
    properties["error_tag"],
    properties["error_type"],
    properties["error_message"],
  ]);
  const message = "not kept: the page ended first";
  expect(said.sort()).toEqual([
    ["Error", "Error", message],
    ["sky:early", "RangeError", message],
  ]);
});

it.each(["503", "hang", "offline"])(
  "keeps events and spans for the next page while the far end is at %s",
  async (trouble) => {
    const page = await open();
    await page.evaluate("telemetry.flush(5000)");
    if (trouble === "offline") await test.context.setOffline(true);
    else test.farEnd.mood = trouble === "hang" ? "hang" : 503;
    await page.evaluate(
      `for (let i = 0; i < 5; i++) telemetry.captureError("tag-" + i, new Error(String(i))); telemetry.withSpan("land:sky:work", () => undefined); telemetry.flush(300)`,
    );
    if (trouble !== "offline") {
      await page.reload();
      await page.evaluate(READY);
    } else await test.context.setOffline(false);
    test.farEnd.mood = 200;
    await page.close();
    const stats = await replay();
    expect(
      tagsOf(test.farEnd.events().filter(({ event }) => event === "land:sky:error")).sort(),
    ).toEqual([0, 1, 2, 3, 4].map((index) => `tag-${index}`));
    expect(test.farEnd.spans().some(({ name }) => name === "land:sky:work")).toBe(true);
    for (const pipe of ["posthog", "otlp"]) {
      const { accepted, delivered, spooled, pending, dropped } = stats[pipe] ?? {};
      expect({ accepted, dropped }).toEqual({
        accepted: (delivered ?? 0) + (spooled ?? 0) + (pending ?? 0),
        dropped: {},
      });
    }
  },
);

it("works without storage, and with storage that is full or throws", async () => {
  for (const spoil of [
    "Object.defineProperty(globalThis, 'localStorage', { get() { throw new Error('no') } })",
    "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }",
    "delete globalThis.indexedDB; Object.defineProperty(globalThis, 'indexedDB', { value: undefined })",
    "Object.defineProperty(navigator, 'locks', { value: undefined })",
  ]) {
    const page = await test.context.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.addInitScript(spoil);
    await page.goto(test.site.page("page", variablesFor(test.farEnd)));
    await page.evaluate(READY);
    await page.evaluate(
      "telemetry.captureError('spoiled', new Error('once')); telemetry.flush(5000)",
    );
    expect(errors).toEqual([]);
    await page.close();
  }
  const events = test.farEnd.events().filter(({ event }) => event === "land:sky:error");
  expect(events).toHaveLength(4);
});
