import type { Page } from "playwright-core";
import { CLOSED_POLICY, startSite, usePages, variablesFor } from "./support/site.js";

const USE = `
import * as telemetry from "land-telemetry";
globalThis.violations = [];
document.addEventListener("securitypolicyviolation", (event) => violations.push(event.blockedURI));
globalThis.telemetry = telemetry;
`;
const PROGRAMS = {
  plain: `${USE}
// What the page does by itself would come whenever it does.
globalThis.registered = telemetry.register({ tier: "sky", observe: false });
globalThis.made = telemetry.withSpan("land:sky:click", (span, context) => {
  const carrier = telemetry.inject({});
  telemetry.withSpan("land:sky:inner", () => undefined);
  return { carrier, spanId: span.spanContext().spanId, same: carrier.traceparent === telemetry.inject({}, context).traceparent };
});
try {
  telemetry.withSpan("land:sky:fails", () => { throw new RangeError("no /home/pat/secret here"); });
} catch {}
telemetry.captureEvent("land:sky:ready", { token: "sk_live_4eC39HqLyjWDarjtT1zdp7dc" });
`,
  tracked: `${USE}
telemetry.register({ tier: "sky", posthog: { errorTracking: true } });
telemetry.captureError("early", new RangeError("no /home/pat/secret here"));
`,
  uncaught: `${USE}
telemetry.register({ tier: "sky" });
// Both happen before the rest of the telemetry is loaded.
dispatchEvent(new ErrorEvent("error", { error: new RangeError("no /home/pat/secret here") }));
void Promise.reject(new SyntaxError("a rejection"));
`,
  relayed: `${USE}
globalThis.relayed = [];
globalThis.registered = telemetry.register({ tier: "sky", relay: async (body) => { relayed.push(body); } });
telemetry.withSpan("land:sky:click", () => undefined);
telemetry.captureError("relayed", new Error("once"));
`,
};

const test = usePages(() => startSite(PROGRAMS));

async function open(url: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await test.context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(url);
  return { page, complaints };
}

interface Made {
  readonly carrier: { readonly traceparent: string };
  readonly spanId: string;
  readonly same: boolean;
}
const global = <T>(page: Page, expression: string): Promise<T> => page.evaluate<T>(expression);

describe("a page under Sky's policy", () => {
  it("sends its spans and events by fetch, redacted, and without violating the policy", async () => {
    const { page, complaints } = await open(test.site.page("plain", variablesFor(test.farEnd)));
    await global(page, "telemetry.flush(5000)");
    const error = () => test.farEnd.events().find(({ event }) => event === "land:sky:error");
    await test.farEnd.until(
      () => error() !== undefined && test.farEnd.spans().length >= 4,
      "the page's data",
    );

    const made = await global<Made>(page, "made");
    const spans = test.farEnd.spans();
    const [click, inner] = ["land:sky:click", "land:sky:inner"].map((name) =>
      spans.find((span) => span.name === name),
    );
    expect(made.carrier.traceparent).toBe(`00-${click?.traceId}-${made.spanId}-01`);
    expect(made.same).toBe(true);
    expect(inner).toMatchObject({ traceId: click?.traceId, parentSpanId: made.spanId });
    expect(click?.resource).toMatchObject({
      "service.name": "land-editor-sky",
      "land.tier": "sky",
      "process.runtime.name": "browser",
      "telemetry.distro.name": "land-telemetry",
    });
    expect(error()).toMatchObject({
      distinct_id: "land-dev-page",
      properties: { $tier: "sky", error_tag: "RangeError", error_origin: "span" },
    });
    expect(JSON.stringify(test.farEnd.bodies)).not.toMatch(/sk_live|home\/pat/);
    const names = test.farEnd.events().map(({ event }) => event);
    expect(names.sort()).toEqual(["land:sky:error", "land:sky:ready", "land:sky:session:start"]);
    expect(await global(page, "violations")).toEqual([]);
    expect(complaints).toEqual([]);
    expect(await global(page, "registered.status")).toBe("registered");
    const stats = await global<Record<string, Record<string, unknown>>>(page, "telemetry.stats()");
    expect(stats["posthog"]).toMatchObject({ accepted: 3, delivered: 3, pending: 0 });
    expect(stats["otlp"]).toMatchObject({ pending: 0, spooled: 0 });
  });

  it("reports errors that nobody caught before the rest was loaded, each once", async () => {
    const page = await test.context.newPage();
    await page.goto(test.site.page("uncaught", variablesFor(test.farEnd)));
    await global(page, "telemetry.flush(5000)");
    const errors = () => test.farEnd.events().filter(({ event }) => event === "land:sky:error");
    await test.farEnd.until(() => errors().length >= 2, "the errors");
    await global(page, "telemetry.flush(5000)");
    const said = errors().map(({ properties }) => [
      properties["error_tag"],
      properties["error_type"],
      properties["error_handled"],
    ]);
    expect(said.sort()).toEqual([
      ["uncaughtException", "RangeError", false],
      ["unhandledRejection", "SyntaxError", false],
    ]);
    expect(JSON.stringify(test.farEnd.bodies)).not.toContain("home/pat");
  });

  it("sends PostHog's own $exception if asked to, and loads its builder only then", async () => {
    for (const script of ["plain", "tracked"]) {
      const page = await test.context.newPage();
      const files: string[] = [];
      page.on("request", (request) => files.push(request.url()));
      await page.goto(test.site.page(script, variablesFor(test.farEnd)));
      await global(page, "telemetry.flush(5000)");
      const isTracked = script === "tracked";
      expect(files.some((url) => url.includes("exceptionProperties"))).toBe(isTracked);
      const exceptions = test.farEnd.events().filter(({ event }) => event === "$exception");
      expect(exceptions).toHaveLength(isTracked ? 1 : 0);
      if (isTracked)
        expect(exceptions[0]?.properties["$exception_list"]).toMatchObject([
          { type: "RangeError", value: "no <path> here", mechanism: { handled: true } },
        ]);
    }
  });

  it("is off without variables, and if one of them turns it off", async () => {
    for (const variables of [{}, { ...variablesFor(test.farEnd), Capture: "off" }]) {
      const { page } = await open(test.site.page("plain", variables));
      expect(await global(page, "registered.status")).toBe("disabled");
    }
    expect(test.farEnd.bodies).toEqual([]);
  });

  it.each([
    "new Proxy({}, { ownKeys() { throw new Error('keys') }, get() { throw new Error('get') } })",
    "{ get Capture() { throw new Error('get') }, Report: Symbol('x'), Emit: () => true, Authorize: { toString() { throw new Error('text') } } }",
    "{ Capture: 'x'.repeat(1e6), Pipe: 'javascript:alert(1)', Beam: 'file:///etc/passwd', __proto__: { Report: 'true' } }",
    "'a text'",
    "Object.fromEntries(Array.from({ length: 1e5 }, (_, index) => ['name' + index, 'true']))",
    "document",
  ])("survives the injected value %s, and sends nothing", async (injected) => {
    const page = await test.context.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.addInitScript(
      `Object.defineProperty(globalThis, "__LAND_TELEMETRY__", { value: ${injected}, writable: false })`,
    );
    await page.goto(test.site.page("plain").replace(/&.*/, ""));
    await page.waitForFunction("globalThis.registered !== undefined");
    expect(await global(page, "registered.status")).toBe("disabled");
    expect(await global(page, "violations")).toEqual([]);
    expect(complaints).toEqual([]);
    expect(test.farEnd.bodies).toEqual([]);
  });

  it("gives everything to the relay if there is one, even if nothing may be fetched", async () => {
    const closed = await startSite(PROGRAMS, CLOSED_POLICY);
    for (const each of [test.site, closed]) {
      const { page, complaints } = await open(each.page("relayed", variablesFor(test.farEnd)));
      await global(page, "telemetry.flush(5000)");
      const bodies = await global<string[]>(page, "relayed");
      expect(bodies.join()).toContain("land:sky:error");
      expect(bodies.join()).toContain("land:sky:click");
      expect(await global(page, "violations")).toEqual([]);
      expect(complaints).toEqual([]);
      expect(await global<string>(page, "registered.reason")).toContain("by the relay");
    }
    expect(test.farEnd.bodies).toEqual([]);
    await closed.close();
  });
});
