import type { Page } from "playwright-core";
import { exactly } from "../support/exactly.js";
import { SKY_POLICY, startSite, usePages, variablesFor } from "./support/site.js";

/** Sky's own policy, except for the one name under which the host may create worker URLs. */
const POLICY = SKY_POLICY.replace("trusted-types 'none'", "trusted-types host");
const SESSION = "01928f3a-7b5c-7c00-8a00-0123456789ab";

const PAGE = `
import * as telemetry from "land-telemetry";
globalThis.violations = [];
document.addEventListener("securitypolicyviolation", (event) => violations.push(event.blockedURI));
globalThis.telemetry = telemetry;
telemetry.register("sky");
const host = trustedTypes.createPolicy("host", { createScriptURL: (url) => url });
globalThis.startWorker = () => (globalThis.worker = new Worker(host.createScriptURL("/dedicated.js")));
globalThis.startServiceWorker = async () => {
  await navigator.serviceWorker.register(host.createScriptURL("/service.js"));
  globalThis.worker = (await navigator.serviceWorker.ready).active;
};
globalThis.ask = (question) => telemetry.withSpan("land:sky:ask", () => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => resolve(data);
  worker.postMessage(telemetry.injectPayload(question), [port2]);
}));
`;
/** A worker that does what it is asked in a span. It has no destination or key of its own. */
const worker = (tier: string): string => `
import { context } from "@opentelemetry/api";
import * as telemetry from "land-telemetry/worker";
telemetry.register({ tier: "${tier}"${tier === "wind" ? "" : ', environment: { Emit: "off" }'} });
globalThis.telemetry = telemetry;
addEventListener("message", ({ data, ports: [port] }) =>
  context.with(telemetry.extractPayload(data), () => {
    try {
      telemetry.withSpan("land:worker:" + data.does, () => {
        if (data.does === "fail") throw new RangeError(data.tag + " of /home/pat/secret");
        if (data.does === "capture") telemetry.captureError(data.tag, new Error("captured", { cause: new TypeError("why") }));
        if (data.does === "reject") void Promise.reject(new SyntaxError(data.tag));
        if (data.does === "event") telemetry.captureEvent("land:worker:ready", { list: [1], call: () => 0 });
      });
    } catch (error) {}
    port.postMessage(telemetry.stats());
  }),
);
`;

const test = usePages(() =>
  startSite({ page: PAGE }, POLICY, {
    dedicated: worker("wind"),
    service: worker("worker"),
  }),
);

async function open(variables: Readonly<Record<string, unknown>> = {}): Promise<Page> {
  const page = await test.context.newPage();
  const given = { ...variablesFor(test.farEnd), BAGGAGE: `session.id=${SESSION}`, ...variables };
  await page.goto(test.site.page("page", given));
  await page.evaluate("telemetry.flush(0)");
  return page;
}
const ask = (page: Page, question: object) => page.evaluate(`ask(${JSON.stringify(question)})`);
const tagged = (tag: string) => () =>
  test.farEnd.events().some(({ properties }) => JSON.stringify(properties).includes(tag));

it("two windows, a service worker and a dedicated worker are one session, and nothing arrives twice", async () => {
  const first = await open();
  const second = await open();
  await first.evaluate("startServiceWorker()");
  await second.evaluate("startWorker()");
  for (const [page, name] of [
    [first, "service"],
    [second, "dedicated"],
  ] as const) {
    await ask(page, { does: "fail", tag: `${name}-fails` });
    await ask(page, { does: "capture", tag: `${name}-captures` });
    await ask(page, { does: "reject", tag: `${name}-rejects` });
    await ask(page, { does: "event" });
    await page.evaluate(`telemetry.captureError("page-of-${name}", new Error("page"))`);
    for (const tag of [`${name}-fails`, `${name}-captures`, `${name}-rejects`, `page-of-${name}`])
      await test.farEnd.until(tagged(tag), tag);
  }
  const isDone = () =>
    test.farEnd.spans().filter(({ name }) => name === "land:worker:fail").length > 0;
  await test.farEnd.until(isDone, "the worker's span");

  // Whichever window sent for the workers so far, the second one does from here on.
  await first.close();
  await ask(second, { does: "fail", tag: "after-the-first" });
  await test.farEnd.until(tagged("after-the-first"), "what came after the first window");
  await second.evaluate("telemetry.flush(5000)");

  const events = test.farEnd.events();
  expect(new Set(events.map(({ properties }) => properties["$session_id"]))).toEqual(
    new Set([SESSION]),
  );
  const uuids = events.map(({ uuid }) => uuid);
  expect(uuids).toHaveLength(new Set(uuids).size);
  const said = events.map(({ event, properties }) =>
    [event, properties["error_tag"] ?? ""].join(" ").trim(),
  );
  expect(said.sort()).toEqual(
    [
      "land:sky:error page-of-dedicated",
      "land:sky:error page-of-service",
      "land:sky:session:start",
      "land:sky:session:start",
      "land:wind:error RangeError",
      "land:wind:error RangeError",
      "land:wind:error dedicated-captures",
      "land:wind:error unhandledRejection",
      "land:wind:session:start",
      "land:worker:error RangeError",
      "land:worker:error service-captures",
      "land:worker:error unhandledRejection",
      "land:worker:ready",
      "land:worker:ready",
      "land:worker:session:start",
    ].sort(),
  );
  const spans = test.farEnd.spans();
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
  for (const { resource } of spans) expect(resource["session.id"]).toBe(SESSION);
  const failed = spans.find(({ name }) => name === "land:worker:fail");
  const asked = spans.find(({ spanId }) => spanId === failed?.parentSpanId);
  expect(asked).toMatchObject({ name: "land:sky:ask", traceId: failed?.traceId });
  expect(failed?.resource["service.name"]).toBe("land-editor-wind");
  // The service worker has turned spans off.
  expect(new Set(spans.map(({ resource }) => resource["land.tier"]))).toEqual(
    new Set(["sky", "wind"]),
  );
  const captured = events.find(
    ({ properties }) => properties["error_tag"] === "dedicated-captures",
  );
  expect(captured?.properties).toMatchObject({
    error_message: "captured",
    error_type: "Error",
    error_causes: [{ type: "TypeError", message: "why" }],
  });
  expect(JSON.stringify(test.farEnd.bodies)).not.toContain("home/pat");
  expect(await second.evaluate("violations")).toEqual([]);
});

it("a worker's telemetry waits for a page that sends", async () => {
  const off = await open({ Capture: "off" });
  await off.evaluate("startServiceWorker()");
  // The session start, and the failed span, from which the page makes the event.
  expect(await ask(off, { does: "fail", tag: "early" })).toMatchObject({
    otlp: { accepted: 2, pending: 2, delivered: 0, dropped: exactly({}) },
  });
  expect(test.farEnd.bodies).toEqual([]);
  const page = await open();
  await test.farEnd.until(tagged("early"), "what the worker held");
  await page.close();
});
