import type { Page } from "playwright-core";
import { startSite, usePages, variablesFor } from "./support/site.js";

/** What the page does by itself, and is observed doing. */
const DO = `
globalThis.doAll = async () => {
  performance.mark("land:wb:ready");
  performance.mark("other:mark");
  performance.mark("land:error:rejection:cannot read /home/pat/x: no");
  performance.mark("land:desktop:begin");
  performance.measure("land:desktop:CP3:extra", "land:desktop:begin");
  performance.measure("other:measure", "land:desktop:begin");
  const image = document.createElement("img");
  image.src = "/missing.png?token=sk_live_4eC39HqLyjWDarjtT1zdp7dc";
  const failed = new Promise((resolve) => (image.onerror = resolve));
  document.body.append(image);
  await failed;
  // Not allowed, and not ours.
  await fetch("http://127.0.0.1:9/theirs").catch(() => undefined);
  const until = performance.now() + 260;
  while (performance.now() < until);
  await new Promise((resolve) => setTimeout(resolve));
};
document.addEventListener("click", () => { const until = performance.now() + 60; while (performance.now() < until); });
`;
const program = (options: string): string => `
import * as telemetry from "land-telemetry";
globalThis.telemetry = telemetry;
performance.mark("land:wb:early");
telemetry.register({ tier: "sky"${options} });
${DO}`;

const test = usePages(() =>
  startSite({
    all: program(""),
    none: program(", observe: false"),
    some: program(", observe: { marks: false, resources: false, uncaught: false }"),
  }),
);

/** Opens a page that does all of it, is clicked and is hidden. */
async function use(script: string): Promise<Page> {
  const page = await test.context.newPage();
  await page.goto(test.site.page(script, variablesFor(test.farEnd)));
  await page.evaluate("telemetry.flush(0)");
  await page.evaluate("doAll()");
  await page.mouse.click(50, 50);
  await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 20)))");
  await page.evaluate("Promise.reject(new Error('nobody')) && undefined");
  await page.evaluate(
    `Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true }); document.dispatchEvent(new Event("visibilitychange"))`,
  );
  await page.evaluate("telemetry.flush(5000)");
  await page.evaluate("telemetry.captureEvent('land:sky:last'); telemetry.flush(5000)");
  await test.farEnd.until(
    () => test.farEnd.events().some(({ event }) => event === "land:sky:last"),
    "the last event",
  );
  return page;
}
const names = (): string[] =>
  test.farEnd
    .spans()
    .map(({ name }) => name)
    .sort();
const attributesOf = (list: readonly { key: string; value: object }[] = []) =>
  Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0]]));

it("reports marks, measures, long tasks, navigation, interactions, visibility, resources and violations", async () => {
  await use("all");
  // The marks are in one span, or in two if the flush came between them.
  expect([...new Set(names())]).toEqual([
    "land:desktop:CP3",
    "land:sky:longtask",
    "land:sky:marks",
    "land:sky:navigation",
    "land:sky:session:start",
    "land:sky:visible",
  ]);
  const span = (name: string) => {
    const found = test.farEnd.spans().find((each) => each.name === name);
    if (found === undefined) throw new Error(`no ${name}`);
    return { ...found, attributes: attributesOf(found.attributes) };
  };
  const session = span("land:sky:session:start");
  for (const { name, traceId, parentSpanId } of test.farEnd.spans())
    if (name !== session.name)
      expect([name, traceId, parentSpanId]).toEqual([name, session.traceId, session.spanId]);
  interface Marked {
    readonly events: readonly { readonly name: string; readonly attributes: [] }[];
  }
  const events = test.farEnd
    .spans()
    .filter(({ name }) => name === "land:sky:marks")
    .flatMap((each) => (each as unknown as Marked).events);
  expect(events.map(({ name, attributes }) => [name, attributesOf(attributes)])).toEqual([
    ["land:wb:early", {}],
    ["land:wb:ready", {}],
    ["land:error:rejection", { "land.mark.detail": "cannot read <path>: no" }],
    ["land:desktop:begin", {}],
  ]);
  expect(span("land:desktop:CP3").attributes).toMatchObject({ "land.mark.detail": "extra" });
  expect(span("land:sky:navigation").attributes).toMatchObject({
    "land.navigation.type": "navigate",
  });
  const visible = span("land:sky:visible").attributes;
  expect(Number(visible["land.interactions"])).toBeGreaterThan(0);
  expect(Number(visible["land.inp_ms"])).toBeGreaterThanOrEqual(56);
  const events_ = test.farEnd.events().map(({ event }) => event);
  expect(events_.sort()).toEqual([
    "land:sky:error",
    "land:sky:last",
    "land:sky:policy:violation",
    "land:sky:resource:error",
    "land:sky:session:start",
  ]);
  const said = (event: string) =>
    test.farEnd.events().find((each) => each.event === event)?.properties;
  expect(said("land:sky:resource:error")).toMatchObject({
    element: "img",
    url: expect.stringContaining("/missing.png"),
  });
  expect(said("land:sky:policy:violation")).toMatchObject({
    directive: "connect-src",
    blocked: "http://127.0.0.1:9/theirs",
  });
  expect(JSON.stringify(test.farEnd.bodies)).not.toMatch(/sk_live|home\/pat/);
});

it("reports none of this with observe: false, and otherwise leaves out what is named", async () => {
  await use("none");
  expect(names()).toEqual(["land:sky:session:start"]);
  expect(test.farEnd.events().map(({ event }) => event)).toEqual([
    "land:sky:session:start",
    "land:sky:last",
  ]);
  test.farEnd.bodies.splice(0);
  await use("some");
  expect(names()).not.toContain("land:sky:marks");
  expect(names()).toContain("land:sky:longtask");
  expect(
    test.farEnd
      .events()
      .map(({ event }) => event)
      .sort(),
  ).toEqual(["land:sky:last", "land:sky:policy:violation", "land:sky:session:start"]);
});
