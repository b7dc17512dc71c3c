import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { launch } from "../inspector/page/browser.js";
import { ROOT } from "../support/runApp.js";
import type { FarEnd, Site } from "./support/site.js";
import { CLOSED_POLICY, startFarEnd, startSite, variablesFor } from "./support/site.js";

/** A Node tier: what the page relays is delivered by it, and what the page asks of it is a span of the page's trace. */
const TIER = `
import { createServer } from "node:http";
import { extract, register, withSpan, Tier, captureError } from "land-telemetry";
import { acceptRelayed } from "land-telemetry/message-port";
import { context } from "@opentelemetry/api";
register(Tier.Cocoon);
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => (body += chunk));
  request.on("end", async () => {
    if (request.url === "/relay") return void response.end(String(await acceptRelayed(body)));
    const { method, carrier } = JSON.parse(body);
    try {
      context.with(extract(carrier), () => withSpan("land:cocoon:" + method, () => { throw new RangeError("in the tier"); }));
    } catch (error) {
      response.end(error.message);
    }
  });
});
server.listen(0, "127.0.0.1", () => process.send(server.address().port));
`;
const PROGRAM = `
import * as telemetry from "land-telemetry";
globalThis.violations = [];
document.addEventListener("securitypolicyviolation", (event) => violations.push(event.blockedURI));
globalThis.telemetry = telemetry;
telemetry.register({ tier: "sky", relay: async (body) => (await toTier("/relay", body)) === "true" });
globalThis.click = () => telemetry.withSpan("land:sky:click", async (span, context) => {
  const message = await toTier("/call", JSON.stringify({ method: "open", carrier: telemetry.inject({}, context) }));
  return message;
});
`;

let browser: Browser;
let farEnd: FarEnd;
let site: Site;
let tier: ChildProcess;
let spool: string;
let port: number;
beforeAll(async () => {
  spool = mkdtempSync(join(tmpdir(), "land-relay-"));
  farEnd = await startFarEnd();
  site = await startSite({ relayed: PROGRAM }, CLOSED_POLICY);
  browser = await launch();
  const settings = Object.entries(variablesFor(farEnd)).map(([key, value]) => [key, String(value)]);
  tier = spawn(process.execPath, ["--input-type=module", "-e", TIER], {
    cwd: ROOT,
    env: {
      PATH: process.env["PATH"],
      LAND_TELEMETRY_SPOOL: spool,
      ...Object.fromEntries(settings),
    },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  port = await new Promise<number>((resolve) =>
    tier.once("message", (said) => resolve(Number(said))),
  );
});
afterAll(async () => {
  tier.kill();
  await browser.close();
  await site.close();
  await farEnd.close();
  rmSync(spool, { recursive: true, force: true });
});

it("makes one trace of a click in a page that may fetch nothing and what a tier does for it, and one error event", async () => {
  const page = await browser.newPage();
  await page.exposeFunction("toTier", async (path: string, body: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", body });
    return response.text();
  });
  await page.goto(site.page("relayed", variablesFor(farEnd)));
  expect(await page.evaluate("click()")).toBe("in the tier");
  await page.evaluate("telemetry.flush(5000)");
  const spans = () => farEnd.spans().filter(({ name }) => /click|open/.test(name));
  await farEnd.until(() => spans().length >= 2, "both spans");
  await farEnd.until(() => farEnd.events().some(({ event }) => /error/.test(event)), "the error");
  const click = spans().find(({ name }) => name === "land:sky:click");
  const open = spans().find(({ name }) => name === "land:cocoon:open");
  expect(open).toMatchObject({ traceId: click?.traceId, parentSpanId: click?.spanId });
  const errors = farEnd.events().filter(({ event }) => event.endsWith(":error"));
  expect(errors).toMatchObject([
    { event: "land:cocoon:error", properties: { $trace_id: click?.traceId } },
  ]);
  expect(await page.evaluate("violations")).toEqual([]);
});
