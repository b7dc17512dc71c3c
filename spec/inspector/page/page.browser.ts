import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import {
  deathOf,
  otlpRequest,
  otlpSpan,
  postHogBatch,
  postHogEvent,
  TRACE_ID,
} from "../server/payloads.js";
import { postJson } from "../server/request.js";
import { ROOT } from "../../support/runApp.js";
import type { WatchedPage } from "./browser.js";
import { launch, openPage } from "./browser.js";
import { runTiers } from "../runTiers.js";

type Inspect = typeof import("../../../lib/inspector/server/startInspector.js");
type Inspector = Awaited<ReturnType<Inspect["startInspector"]>>;

// Loads the built package, because the page is part of the build.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const { startInspector } = require(join(ROOT, "dist/node/inspector.cjs")) as Inspect;

const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const SHOTS = join(ROOT, "docs/images");
/** The pictures that the documentation shows. */
const DOCUMENTED: readonly string[] = ["inspector-light", "inspector-dark", "inspector-tiers"];
/** Set to put new pictures into the documentation; otherwise they go to a directory that is not kept. */
const FOR_DOCUMENTS = process.env["SCREENSHOTS"] === "1";
const SHOTS_TO = join(ROOT, ".cache/screenshots");
const TIERS = ["air", "cocoon", "mountain", "sky"];

let browser: Browser;
beforeAll(async () => {
  mkdirSync(SHOTS_TO, { recursive: true });
  browser = await launch();
});
afterAll(() => browser.close());

async function shoot(page: Page, name: string): Promise<void> {
  // The picture is for readers, so it should show no keyboard focus.
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  const picture = await page.screenshot();
  expect(picture.length).toBeGreaterThan(10_000);
  writeFileSync(
    join(FOR_DOCUMENTS && DOCUMENTED.includes(name) ? SHOTS : SHOTS_TO, `${name}.png`),
    picture,
  );
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

/** What scrolling through the trace costs; frame times are in ms. */
interface Measured {
  readonly most: number;
  /** Rows drawn out of the order of the list. */
  readonly wrong: number;
  /** The first row in view at the end. */
  readonly first: number;
  readonly last: string;
  /** How long the page's thread worked, in ms per frame. */
  readonly busy: number;
  readonly median: number;
  readonly p95: number;
  readonly worst: number;
  readonly heapMB: number;
}

/** What axe finds wrong with the page now; axe bypasses the page's own policy, which admits no script. */
async function violations({ page, complaints }: WatchedPage): Promise<readonly string[]> {
  const before = complaints.length;
  await page.evaluate(AXE);
  const result = await page.evaluate<AxeResult>(
    "axe.run(document, { resultTypes: ['violations'] })",
  );
  // Axe tries what the policy forbids, and copes with the refusal.
  for (const complaint of complaints.splice(before)) expect(complaint).toContain("TrustedScript");
  return result.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`),
  );
}

/** Polls from outside until the condition holds: the page's policy forbids evaluating it inside. */
async function until(page: Page, isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await page.evaluate(isSo))) {
    if (Date.now() > deadline) throw new Error(`It did not become so: ${isSo.toString()}`);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
}

const chosenRow = (page: Page): Promise<string> =>
  page.locator(".span-row[aria-selected=true] .name").first().innerText();

describe("the page, with the four tiers running", () => {
  let inspector: Inspector;
  let watched: WatchedPage;
  let page: Page;
  let rowsBefore: number;
  const saved = new Map<string, string>();

  beforeAll(async () => {
    inspector = await startInspector();
    watched = await openPage(browser, inspector.url);
    ({ page } = watched);
    await page.getByText("Waiting for the first trace").waitFor();
    expect(await page.locator("#start-line").innerText()).toContain(`Pipe=${inspector.url} `);
    rowsBefore = await page.locator(".span-row").count();
    const live = page.locator(".span-row").first().waitFor({ timeout: 60_000 });
    expect(await runTiers(inspector.url)).toBe(0);
    await live;
    const spans = inspector.traces()[0]?.spanCount ?? 0;
    await page.locator("#trace-facts", { hasText: `${spans} spans` }).waitFor();
  });
  afterAll(() => inspector.close());
  afterEach(() => expect(watched.complaints).toEqual([]));

  it("showed the trace as it arrived, without a reload", () => {
    expect(rowsBefore).toBe(0);
    expect(inspector.traces()).toHaveLength(1);
  });

  it("shows the four tiers in the waterfall, each in its own colour, and the session in the list", async () => {
    const legend = await page.locator("#trace-tiers li").allInnerTexts();
    expect(legend.map((text) => text.trim()).sort()).toEqual(TIERS);
    const colours = await page
      .locator("#trace-tiers .dot")
      .evaluateAll((dots) => dots.map((dot) => getComputedStyle(dot).backgroundColor));
    expect(new Set(colours).size).toBe(4);
    for (const tier of TIERS)
      expect(
        await page.locator(`.span-row:has-text("land:${tier}:session:start")`).count(),
      ).toBeGreaterThan(0);
    expect(await page.locator(".session-name").innerText()).toMatch(/^Session [0-9a-f]{8}$/);
    await shoot(page, "inspector-trace");
  });

  it("finds Cocoon's error by search, and shows its exception, stack and event", async () => {
    await page.keyboard.press("/");
    await page.keyboard.type("enoent");
    await until(
      page,
      () =>
        document.querySelectorAll(".span-row").length < 30 &&
        document.querySelectorAll(".span-row.failed").length > 0,
    );
    const row = page.locator(".span-row", { hasText: "land:cocoon:file:read" });
    expect(await row.locator(".pin.failed").count()).toBe(1);
    await row.click();
    const details = page.locator("#details");
    await details.locator(".event-name", { hasText: "land:cocoon:error" }).waitFor();
    expect(await details.locator(".stack").first().innerText()).toMatch(
      /serveVine\.mjs[^]*of Node and packages/,
    );
    expect(await details.innerText()).toMatch(/error_tag\s+ENOENT/);
    await shoot(page, "inspector-error");
    await page.locator("#search").fill("nothing has this name");
    await page.getByText("No trace fits the filters.").waitFor();
    await page.locator("#search").fill("");
    await page
      .locator(".span-row", { hasText: "land:mountain:session:start" })
      .first()
      .waitFor({ state: "attached" });
  });

  it("filters by tier, error and duration", async () => {
    const names = (): Promise<readonly string[]> =>
      page.locator(".span-row:not(.aside) .spoken").allTextContents();
    await page.locator("#waterfall").evaluate((box) => (box.scrollTop = 0));
    await page.getByRole("button", { name: "air" }).click();
    await until(page, () =>
      [...document.querySelectorAll(".span-row:not(.aside) .spoken")].every((spoken) =>
        spoken.textContent.startsWith("air"),
      ),
    );
    expect((await names()).length).toBeGreaterThan(0);
    await page.getByRole("button", { name: "air" }).click();
    await page.getByRole("button", { name: "Errors only" }).click();
    await until(
      page,
      () =>
        document.querySelectorAll(".span-row:not(.aside)").length ===
        document.querySelectorAll(".span-row.failed").length,
    );
    expect((await names()).every((name) => name.includes("error"))).toBe(true);
    await page.getByRole("button", { name: "Errors only" }).click();
    await page.getByLabel("Longer than").selectOption("10000");
    // On a busy machine the run of the tiers may take longer than that.
    const fits = (inspector.traces()[0]?.durationMs ?? 0) >= 10_000;
    await page
      .getByText("No trace fits the filters.")
      .waitFor({ state: fits ? "hidden" : "visible" });
    await page.getByLabel("Longer than").selectOption("0");
    await page.locator(".trace-item").first().waitFor();
  });

  it("keeps the chosen trace and span across a reload", async () => {
    await page.locator(".span-row", { hasText: "land:cocoon:session:start" }).first().click();
    const before = [page.url(), await chosenRow(page)];
    expect(before[0]).toMatch(/#\/traces\/[0-9a-f]{32}\/[0-9a-f]{16}$/);
    await page.reload();
    await page.locator(".span-row[aria-selected=true]").waitFor();
    expect([page.url(), await chosenRow(page)]).toEqual(before);
    await page
      .locator("#details .details-name", { hasText: "land:cocoon:session:start" })
      .waitFor();
  });

  it("can be operated by keyboard alone", async () => {
    await page.reload();
    await page.locator(".span-row").first().waitFor();
    await page.keyboard.press("t");
    await page.keyboard.press("Home");
    expect(
      await page.locator("#trace-list").evaluate((list) => document.activeElement === list),
    ).toBe(true);
    await page.keyboard.press("w");
    await page.keyboard.press("Home");
    expect(await chosenRow(page)).toBe("land:mountain:session:start");
    await page.keyboard.press("ArrowDown");
    expect(await chosenRow(page)).toBe("land:mountain:launch");
    const all = await page.locator("#waterfall").getAttribute("aria-activedescendant");
    expect(await page.locator(`#${all ?? "none"}`).getAttribute("aria-selected")).toBe("true");
    const height = (): Promise<number> =>
      page.locator("#waterfall .spacer").evaluate((spacer) => spacer.clientHeight);
    const unfolded = await height();
    await page.keyboard.press("ArrowLeft");
    expect(await page.locator(".span-row[aria-selected=true]").getAttribute("aria-expanded")).toBe(
      "false",
    );
    expect(await height()).toBeLessThan(unfolded);
    await page.keyboard.press("ArrowRight");
    expect(await height()).toBe(unfolded);
    await page.keyboard.press("e");
    expect(await page.locator(".span-row[aria-selected=true]").getAttribute("class")).toContain(
      "failed",
    );
    // The spans above it failed with it, so they are marked as well.
    expect(await chosenRow(page)).toBe("land:cocoon:file:read");
    const axis = await page.locator("#axis").innerText();
    await page.keyboard.press("+");
    expect(await page.locator("#axis").innerText()).not.toBe(axis);
    await page.keyboard.press("0");
    expect(await page.locator("#axis").innerText()).toBe(axis);
    await page.keyboard.press("?");
    expect(await page.locator("#help").evaluate((help) => (help as HTMLDialogElement).open)).toBe(
      true,
    );
    await page.keyboard.press("Escape");
    // The Tab key reaches every control.
    const stops = new Set<string>();
    await page.locator("body").evaluate(() => (document.activeElement as HTMLElement).blur());
    for (let i = 0; i < 30; i++) {
      await page.keyboard.press("Tab");
      stops.add(
        await page.evaluate("document.activeElement.id || document.activeElement.textContent"),
      );
    }
    for (const stop of [
      "tab-traces",
      "open",
      "save-all",
      "clear",
      "theme",
      "search",
      "errors-only",
      "min-duration",
      "trace-list",
      "save-this",
      "waterfall",
      "details",
    ])
      expect(stops).toContain(stop);
  });

  it("shows starts, errors and handler latencies by tier", async () => {
    await page.getByRole("tab", { name: "Tiers" }).click();
    const card = (name: string): Promise<string> =>
      page.locator(".card", { hasText: name }).innerText();
    await page.locator(".card").first().waitFor();
    for (const tier of TIERS)
      expect(await card("Session starts by tier")).toMatch(new RegExp(`${tier}\\s+1`));
    expect(await card("Errors by tier")).toMatch(/cocoon\s+1/);
    expect(await card("Errors by tier")).toMatch(/sky\s+0/);
    expect(await card("Handler latency")).toMatch(/\$searchFiles\s+1\s+0\s+[\d.]+ m?s/);
    await shoot(page, "inspector-tiers");
    await page.reload();
    await page.locator(".card").first().waitFor();
  });

  it("lists the events, and leads from an event to its span", async () => {
    await page.keyboard.press("3");
    await page.locator(".event-row", { hasText: "land:cocoon:error" }).click();
    await page.locator("#event-details").getByText("error_tag").waitFor();
    await page.getByRole("button", { name: "Show its span" }).click();
    await page.locator("#details .details-name", { hasText: "land:cocoon:file:read" }).waitFor();
    expect(await chosenRow(page)).toBe("land:cocoon:file:read");
  });

  it.each([
    ["Recording", "ndjson"],
    ["OTLP/JSON", "json"],
  ])("saves a trace as %s, and opens it again", async (item, ending) => {
    const { traceId, spanCount, eventCount } = inspector.traces()[0] ?? {};
    await page.locator("#save-this").focus();
    await page.keyboard.press("Enter");
    expect(await violations(watched)).toEqual([]);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.locator("#trace").getByRole("link", { name: item }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`trace-${traceId ?? ""}.${ending}`);
    expect(await page.locator("details.menu[open]").count()).toBe(0);
    const file = join(SHOTS_TO, `trace.${ending}`);
    await download.saveAs(file);
    saved.set(item, file);
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByText("Waiting for the first trace").waitFor();
    expect(inspector.traces()).toHaveLength(0);
    await page.locator("#file").setInputFiles(file);
    await page.getByText(/Opened \d+ requests?\./).waitFor();
    // OTLP carries the spans only, not the events.
    expect(inspector.traces()[0]).toMatchObject({
      traceId,
      spanCount,
      eventCount: item === "Recording" ? eventCount : 0,
    });
    await page.locator(".span-row").first().waitFor();
    if (item !== "Recording")
      await page.locator("#file").setInputFiles(saved.get("Recording") ?? "");
    await page.locator("#trace-facts", { hasText: `${eventCount ?? 0} events` }).waitFor();
  });

  it("closes a menu on Escape, on a click elsewhere and when the focus moves away", async () => {
    const open = (): Promise<number> => page.locator("details.menu[open]").count();
    for (const leave of [
      () => page.keyboard.press("Escape"),
      () => page.locator("#trace-name").click(),
      () => page.locator("#search").focus(),
    ]) {
      await page.locator("#save-all").click();
      expect(await open()).toBe(1);
      await leave();
      expect(await open()).toBe(0);
    }
  });

  it.each(["light", "dark"] as const)(
    "has no axe violation in any view of the %s theme",
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      await page.mouse.move(0, 0);
      await page.reload();
      await page.keyboard.press("1");
      await page.locator(".span-row").first().waitFor();
      const ground = await page.evaluate("getComputedStyle(document.body).backgroundColor");
      expect(ground).toBe(colorScheme === "light" ? "rgb(245, 246, 249)" : "rgb(13, 16, 22)");
      await page.keyboard.press("1");
      for (
        let i = 0;
        i < 10 && (await page.locator(".span-row[aria-selected=true] .pin.failed").count()) === 0;
        i++
      )
        await page.keyboard.press("e");
      await page.locator("#details .event-name", { hasText: "land:cocoon:error" }).waitFor();
      expect(await violations(watched)).toEqual([]);
      await shoot(page, `inspector-${colorScheme}`);
      await page.keyboard.press("2");
      await page.locator(".card").first().waitFor();
      expect(await violations(watched)).toEqual([]);
      await page.keyboard.press("3");
      await page.locator(".event-row").first().waitFor();
      expect(await violations(watched)).toEqual([]);
      await page.keyboard.press("4");
      await page.locator("#error-details .error-card").waitFor();
      expect(await violations(watched)).toEqual([]);
      await page.keyboard.press("?");
      expect(await violations(watched)).toEqual([]);
      await page.keyboard.press("Escape");
    },
  );

  it.each([390, 900, 1_400])(
    "has no axe violation in any view at a width of %i px",
    async (width) => {
      const before = page.viewportSize() ?? { width: 1_440, height: 860 };
      await page.setViewportSize({ width, height: 860 });
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        for (const key of ["1", "2", "3", "4"]) {
          await page.keyboard.press(key);
          expect([key, colorScheme, await violations(watched)]).toEqual([key, colorScheme, []]);
          await shoot(page, `inspector-${width}-${key}-${colorScheme}`);
        }
        const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
        expect(overflow).toBeLessThanOrEqual(0);
      }
      await page.emulateMedia({ colorScheme: "light" });
      await page.setViewportSize(before);
      await page.keyboard.press("1");
    },
  );

  it("leaves the waterfall more than ten rows in a narrow window", async () => {
    const before = page.viewportSize() ?? { width: 1_440, height: 860 };
    await page.setViewportSize({ width: 390, height: 844 });
    const rows = () => page.locator("#waterfall").evaluate((box) => box.clientHeight / 26);
    await page.locator("#waterfall").scrollIntoViewIfNeeded();
    expect(await rows()).toBeGreaterThan(10);
    await page.setViewportSize(before);
  });

  it("lets the column of span names be resized by mouse and by keyboard", async () => {
    const handle = page.getByRole("separator", { name: "Width of the names" });
    const label = page.locator(".span-row .label").first();
    const width = () => label.evaluate((cell) => cell.clientWidth);
    const [usual, { x = 0, y = 0, height = 0 }] = [
      await width(),
      (await handle.boundingBox()) ?? {},
    ];
    await page.mouse.move(x + 5, y + height - 8);
    await page.mouse.down();
    await page.mouse.move(x + 125, y + height - 8, { steps: 3 });
    await page.mouse.up();
    expect(Math.abs((await width()) - usual - 120)).toBeLessThan(12);
    const dragged = await width();
    await handle.focus();
    await page.keyboard.press("ArrowLeft");
    expect(Math.abs((await width()) - dragged + 24)).toBeLessThan(6);
    await handle.dblclick({ position: { x: 5, y: height - 8 } });
    expect(await width()).toBe(usual);
  });

  it("sorts the events by tier and by name, in both directions", async () => {
    await page.keyboard.press("3");
    const column = (index: number): Promise<string[]> =>
      page.locator(`#event-list .event-row > :nth-child(${index})`).allInnerTexts();
    for (const [index, name] of [
      [2, "Tier"],
      [3, "Event"],
    ] as const) {
      const header = page.locator(".columns-of button", { hasText: name });
      await header.click();
      const up = (await column(index)).map((text) => text.trim());
      expect(up).toEqual([...up].sort());
      expect(new Set(up).size).toBeGreaterThan(1);
      await header.click();
      const down = (await column(index)).map((text) => text.trim());
      expect(down).toEqual([...up].sort().reverse());
    }
    await page.locator(".columns-of button", { hasText: "Time" }).click();
    await page.locator(".columns-of button", { hasText: "Time" }).click();
    await page.keyboard.press("1");
  });

  it("shows a log record as a row below its span, which its details link to", async () => {
    const { traceId, spans } = inspector.traces().find(({ errorCount }) => errorCount > 0) ?? {};
    const span = spans?.find(({ name }) => name === "land:cocoon:file:read");
    const record = {
      traceId,
      spanId: span?.spanId,
      timeUnixNano: span?.startTimeUnixNano,
      severityText: "WARN",
      body: { stringValue: "there are no settings" },
      attributes: [{ key: "tries", value: { stringValue: "three" } }],
    };
    await postJson(`${inspector.url}/v1/logs`, {
      resourceLogs: [{ resource: {}, scopeLogs: [{ logRecords: [record] }] }],
    });
    const row = page.locator(".span-row.log", { hasText: "WARN there are no settings" });
    await page.keyboard.press("w");
    await page.keyboard.press("End");
    await row.click();
    const details = page.locator("#details");
    await details.getByText("three").waitFor();
    const level = Number(await row.getAttribute("aria-level"));
    await page.reload();
    await details.getByText("three").waitFor();
    await details.getByRole("link", { name: "a span" }).click();
    await details.locator(".details-name", { hasText: "land:cocoon:file:read" }).waitFor();
    const above = page.locator(".span-row[aria-selected=true]");
    expect(Number(await above.getAttribute("aria-level"))).toBe(level - 1);
    expect(await violations(watched)).toEqual([]);
  });

  it("shows the run's one error once, leads to its span, and returns to the errors on Back", async () => {
    await page.keyboard.press("4");
    await page.locator("#error-list .trace-item").first().waitFor();
    expect(await page.locator("#error-list .trace-item").count()).toBe(1);
    const details = page.locator("#error-details");
    await details.getByText("went through 6 spans").waitFor();
    expect(await details.locator(".failure").first().innerText()).toMatch(
      /^ENOENT no such file or directory/,
    );
    expect(await details.innerText()).toMatch(/ENOENT[^]*serveVine\.mjs[^]*of Node and packages/);
    await details.getByText("privacy: false").waitFor();
    await details.getByRole("link", { name: "Show its span" }).click();
    await page.locator("#details .details-name", { hasText: "land:cocoon:file:read" }).waitFor();
    await page.goBack();
    await details.locator(".error-card").waitFor();
    await page.keyboard.press("1");
  });

  it("highlights what is searched for, and clears the search on Escape", async () => {
    await page.keyboard.press("/");
    await page.keyboard.type("file:read");
    await page.locator(".span-row mark", { hasText: "file:read" }).first().waitFor();
    await page.keyboard.press("Escape");
    await until(page, () => document.querySelectorAll(".span-row mark").length === 0);
    expect(await page.locator("#search").inputValue()).toBe("");
  });

  it("pauses, and on resuming shows what arrived meanwhile", async () => {
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText("paused", { exact: true }).waitFor();
    const before = await page.locator(".state").innerText();
    // A page that is not paused shows when the feed has delivered the trace.
    const other = await page.context().newPage();
    await other.goto(page.url());
    await other.locator(".trace-item").first().waitFor();
    await postJson(
      `${inspector.url}/v1/traces`,
      otlpRequest([otlpSpan({ traceId: "f".repeat(32), name: "meanwhile" })]),
    );
    await other.locator(".trace-item", { hasText: "meanwhile" }).waitFor();
    await other.close();
    expect(await page.locator(".state").innerText()).toBe(before);
    await page.getByRole("button", { name: "Resume" }).click();
    await page.locator(".trace-item", { hasText: "meanwhile" }).waitFor();
  });

  it("remembers a theme chosen against the system's", async () => {
    await page.emulateMedia({ colorScheme: "light" });
    await page.locator("#theme").click();
    await page.locator("#theme").click();
    await page.reload();
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe(
      "rgb(13, 16, 22)",
    );
    await page.locator("#theme").click();
  });
});

describe("the page, with data that it must not trust", () => {
  const HOSTILE = `<img src=x onerror="window.broken = 1"><script>window.broken = 2</script>`;
  let inspector: Inspector;
  let watched: WatchedPage;

  beforeEach(async () => {
    inspector = await startInspector();
    const attributes = [{ key: HOSTILE, value: { stringValue: HOSTILE } }];
    const exception = {
      name: "exception",
      timeUnixNano: "1760000000000000000",
      attributes: ["type", "message", "stacktrace"].map((key) => ({
        key: `exception.${key}`,
        value: { stringValue: HOSTILE },
      })),
    };
    await postJson(
      `${inspector.url}/v1/traces`,
      otlpRequest(
        [
          {
            ...otlpSpan({ name: HOSTILE, attributes }),
            status: { code: 2, message: HOSTILE },
            events: [exception],
          },
        ],
        HOSTILE,
      ),
    );
    await postJson(
      `${inspector.url}/batch/`,
      postHogBatch([
        postHogEvent({
          event: HOSTILE,
          distinct_id: HOSTILE,
          timestamp: HOSTILE,
          properties: { $tier: HOSTILE, $trace_id: TRACE_ID, [HOSTILE]: HOSTILE },
        }),
      ]),
    );
    watched = await openPage(browser, inspector.url);
  });
  afterEach(() => inspector.close());

  it("shows names, attributes and events as text, wherever they appear", async () => {
    const { page, complaints } = watched;
    await page.locator(".span-row").click();
    await page.locator("#details .stack").waitFor();
    expect(await page.locator("#details h2").innerText()).toBe(HOSTILE);
    for (const key of ["2", "3", "1"]) {
      await page.keyboard.press(key);
      await page
        .locator("main")
        .getByText(HOSTILE.slice(0, 20))
        .filter({ visible: true })
        .first()
        .waitFor();
    }
    expect(await page.locator("main img, main script").count()).toBe(0);
    expect(await page.evaluate("window.broken")).toBeUndefined();
    expect(complaints).toEqual([]);
  });

  it("lists an event beside its trace if it names no span of it", async () => {
    const { page } = watched;
    await page.getByText("Without a span").waitFor();
    expect(await page.locator("#details .event").count()).toBe(1);
  });

  it("has a strict content security policy, under which an injected script does not run", async () => {
    const { page } = watched;
    const response = await page.goto(inspector.url);
    const policy = response?.headers()["content-security-policy"] ?? "";
    expect(policy).toMatch(
      /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; connect-src 'self'/,
    );
    expect(policy).not.toContain("unsafe");
    expect(policy).toContain("frame-ancestors 'none'");
    const ran = await page.evaluate(
      `(() => { const script = document.createElement("script"); try { script.textContent = "window.broken = 3"; document.body.append(script); } catch {} return window.broken; })()`,
    );
    expect(ran).toBeUndefined();
  });

  it("says when the receiver is gone, and shows what arrives once it is back", async () => {
    const { page } = watched;
    await page.locator(".span-row").first().waitFor();
    const { port } = inspector;
    await inspector.close();
    await page.getByText("receiver gone").waitFor();
    inspector = await startInspector({ port });
    await postJson(`${inspector.url}/v1/traces`, otlpRequest([otlpSpan({ name: "after" })]));
    await page.locator(".span-row", { hasText: "after" }).waitFor({ timeout: 30_000 });
    await page.getByText("live", { exact: true }).waitFor();
  });
});

describe("the page, with an error", () => {
  it("shows its message once, own frames first and collapsed, causes, editor links, and what was lost or refused", async () => {
    const inspector = await startInspector({ editor: "cursor", maxTraces: 5 });
    const stack = [
      "TypeError: no such thing",
      "    at node:internal/a:1:1",
      ...Array.from({ length: 5 }, () => "    at walk (/app/src/walk.js:10:5)"),
      "    at run (/app/node_modules/x/run.js:3:1)",
      "    at main (file:///app/main.js:2:1)",
    ].join("\n");
    const exception = Object.entries({
      type: "TypeError",
      message: "no such thing",
      stacktrace: stack,
    });
    const failed = {
      ...otlpSpan({ name: "fails" }),
      status: { code: 2, message: "no such thing" },
      events: [
        {
          name: "exception",
          timeUnixNano: "1760000000000000000",
          attributes: exception.map(([key, value]) => ({
            key: `exception.${key}`,
            value: { stringValue: value },
          })),
        },
      ],
    };
    await postJson(`${inspector.url}/v1/traces`, otlpRequest([failed]));
    const causes = [
      { type: "RangeError", message: "too far", stack: "    at far (/app/far.js:1:1)" },
    ];
    const properties = {
      $trace_id: TRACE_ID,
      $span_id: failed["spanId" as keyof typeof failed],
      error_causes: causes,
    };
    await postJson(`${inspector.url}/batch/`, postHogBatch([postHogEvent({ properties })]));
    const quick = Array.from({ length: 1_000 }, (_, i) =>
      otlpSpan({ traceId: (i + 1).toString(16).padStart(32, "0") }),
    );
    await postJson(`${inspector.url}/v1/traces`, otlpRequest(quick));
    await postJson(`${inspector.url}/v1/traces`, { resourceSpans: 1 });
    const watched = await openPage(browser, inspector.url, {
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const { page, complaints } = watched;
    await page
      .locator("#lost", {
        hasText: "996 traces were forgotten to make room, of which 0 had an error",
      })
      .waitFor();
    await page
      .locator("#lost", { hasText: "1 request to /v1/traces refused (400): OTLP/JSON is" })
      .waitFor();
    await page.locator(".trace-item", { hasText: "1 error" }).click();
    await page.locator(".span-row").click();
    const card = page.locator("#details .error-card");
    await card.waitFor();
    const text = await card.innerText();
    expect(text.match(/no such thing/g)).toHaveLength(1);
    expect(text).toMatch(
      /walk \(\/app\/src\/walk\.js:10:5\)\s*× 5[^]*main[^]*2 of Node and packages[^]*CAUSED BY[^]*RangeError too far/i,
    );
    expect(await card.getByRole("link").first().getAttribute("href")).toBe(
      "cursor://file/app/src/walk.js:10:5",
    );
    await card.getByRole("button", { name: "Copy error" }).click();
    await card.getByRole("button", { name: "Copied" }).waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toContain(
      "TypeError: no such thing\n    at node:internal/a:1:1",
    );
    await page.getByText("Raw JSON").click();
    await page.getByRole("region", { name: "Raw JSON" }).getByText('"statusCode": 2').waitFor();
    expect(complaints).toEqual([]);
    await inspector.close();
  });
});

describe("the page, with a process that died", () => {
  it("lists the death among the errors, says what the process was doing, and leads to its open span", async () => {
    const inspector = await startInspector();
    const { span, event } = deathOf("crash", {
      ended_by: "fault",
      signal: "SIGSEGV",
      open_spans: ["$openDocument", "$readFile"],
    });
    await postJson(`${inspector.url}/v1/traces`, otlpRequest([span]));
    await postJson(`${inspector.url}/batch/`, postHogBatch([event]));
    const { page, complaints } = await openPage(browser, inspector.url);
    await page.locator(".trace-item", { hasText: "1 error" }).waitFor();
    await page.keyboard.press("4");
    const details = page.locator("#error-details");
    await details.getByText("Process crashed").waitFor();
    expect(await details.innerText()).toMatch(
      /SIGSEGV[^]*WHAT IT WAS DOING[^]*\$openDocument[^]*\$readFile/i,
    );
    await details.getByRole("link", { name: "Show its span" }).click();
    const row = page.locator(".span-row");
    await row.locator(".mark", { hasText: "…" }).waitFor();
    expect(await row.innerText()).toContain("open when its process ended");
    await page
      .locator("#details .chips", { hasText: "open when its process ended (fault)" })
      .waitFor();
    expect(complaints).toEqual([]);
    await inspector.close();
  });
});

describe("the page, with a trace of 10,000 spans", () => {
  const SPANS = 10_000;
  let inspector: Inspector;
  beforeAll(async () => {
    inspector = await startInspector();
    const id = (i: number): string => (i + 1).toString(16).padStart(16, "0");
    const start = 1_760_000_000_000_000_000n;
    const spans = Array.from({ length: SPANS }, (_, i) => ({
      ...otlpSpan({
        spanId: id(i),
        name: `land:cocoon:step:${i}`,
        attributes: [{ key: "rpc.method", value: { stringValue: `method-${i}` } }],
      }),
      ...(i === 0 ? {} : { parentSpanId: id(Math.floor((i - 1) / 4)) }),
      startTimeUnixNano: String(start + BigInt(i) * 100_000n),
      endTimeUnixNano: String(start + BigInt(i) * 100_000n + BigInt(1 + (i % 97)) * 1_000_000n),
      status: { code: i % 500 === 499 ? 2 : 0 },
    }));
    for (const [at, tier] of TIERS.entries()) {
      const part = spans.filter((_, i) => i % TIERS.length === at);
      const answer = await postJson(`${inspector.url}/v1/traces`, otlpRequest(part, tier));
      expect(answer.json).toEqual({ partialSuccess: {} });
    }
  });
  afterAll(() => inspector.close());

  it("draws only what can be seen, and scrolls through all of it", async () => {
    const { page, complaints } = await openPage(browser, inspector.url);
    await page.locator(".span-row").first().waitFor();
    const firstRow = await page.evaluate<number>("performance.now()");
    const firstPaint = await page.evaluate<number>(
      `performance.getEntriesByName("first-contentful-paint")[0].startTime`,
    );
    expect(await page.locator("#waterfall").getAttribute("aria-rowcount")).toBe(String(SPANS));
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Performance.enable");
    const busyMs = async (): Promise<number> =>
      ((await devtools.send("Performance.getMetrics")).metrics.find(
        ({ name }) => name === "TaskDuration",
      )?.value ?? 0) * 1_000;
    const scroll = async (rowsPerFrame: number): Promise<Measured> => {
      const before = await busyMs();
      const measured = await page.evaluate<Omit<Measured, "busy">>(`(async () => {
        const box = document.querySelector("#waterfall");
        const frames = [];
        let most = 0;
        let wrong = 0;
        box.scrollTop = 0;
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        for (let i = 0, last = 0; i <= 120; i++) {
          const at = await new Promise((resolve) => requestAnimationFrame(resolve));
          if (last !== 0) frames.push(at - last);
          last = at;
          box.scrollTop = i * ${rowsPerFrame} * 26;
          const rows = [...document.querySelectorAll(".span-row")];
          most = Math.max(most, rows.length);
          rows.forEach((row, at) => { if (Number(row.ariaRowIndex) !== Number(rows[0].ariaRowIndex) + at) wrong++; });
        }
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        frames.sort((a, b) => a - b);
        const rows = [...document.querySelectorAll(".span-row")];
        const inSight = rows.filter((row) => { const { top, bottom } = row.getBoundingClientRect(); const sight = box.getBoundingClientRect(); return bottom > sight.top && top < sight.bottom; });
        return { most, wrong, first: Number(inSight[0].ariaRowIndex), last: rows.at(-1).ariaRowIndex, median: frames[60], p95: frames[114], worst: frames.at(-1), heapMB: performance.memory.usedJSHeapSize / 1e6 };
      })()`);
      return { ...measured, busy: ((await busyMs()) - before) / 125 };
    };
    const [jumps, steps] = [await scroll(SPANS / 120), await scroll(4)];
    for (const { most, wrong } of [jumps, steps]) expect([most < 120, wrong]).toEqual([true, 0]);
    expect(jumps.last).toBe(String(SPANS));
    expect(steps.first).toBe(481);
    await page.keyboard.press("w");
    await page.keyboard.press("End");
    await page.keyboard.press("/");
    await page.keyboard.type("method-7777");
    await until(page, () => document.querySelectorAll(".span-row:not(.aside)").length === 1);
    expect(complaints).toEqual([]);
    const told = ({ median, p95, worst, busy }: Measured): string =>
      `${median.toFixed(1)} ms a frame (median), ${p95.toFixed(1)} (95 %), ${worst.toFixed(1)} (worst), the page's thread busy for ${busy.toFixed(1)} of it`;
    const line = `10,000 spans: first paint after ${firstPaint.toFixed(0)} ms, first row after ${firstRow.toFixed(0)} ms; all of them in 120 jumps: ${told(jumps)}; 4 rows at a time: ${told(steps)}; at most ${jumps.most} rows drawn; heap ${jumps.heapMB.toFixed(1)} MB\n`;
    process.stdout.write(line);
  });

  it("keeps no more in the browser than the receiver holds, however much comes and goes", async () => {
    const held = await startInspector({ maxSpans: SPANS, maxTraces: 20 });
    const { page } = await openPage(browser, held.url);
    const session = await page.context().newCDPSession(page);
    const heapMB = async (): Promise<number> => {
      await session.send("HeapProfiler.collectGarbage");
      return (await session.send("Runtime.getHeapUsage")).usedSize / 1e6;
    };
    const heaps: number[] = [];
    for (let round = 1; round <= 12; round++) {
      const traceId = round.toString(16).padStart(32, "0");
      const spans = Array.from({ length: SPANS }, (_, i) =>
        otlpSpan({
          traceId,
          spanId: (i + 1).toString(16).padStart(16, "0"),
          name: `land:cocoon:round:${round}:${i}`,
        }),
      );
      await postJson(`${held.url}/v1/traces`, otlpRequest(spans, "cocoon"));
      await page
        .locator(".span-row", { hasText: `land:cocoon:round:${round}:` })
        .first()
        .waitFor();
      heaps.push(await heapMB());
    }
    await held.close();
    process.stdout.write(
      `12 traces of 10,000 spans, of which the receiver keeps one: heap after each ${heaps.map((heap) => heap.toFixed(0)).join(", ")} MB\n`,
    );
    expect(Math.max(...heaps.slice(6))).toBeLessThan(Math.max(...heaps.slice(0, 4)) + 10);
  });
});
