import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { launch } from "../inspector/page/browser.js";
import { ROOT } from "../support/runApp.js";
import type { FarEnd, Site } from "./support/site.js";
import { CLOSED_POLICY, SKY_POLICY, startFarEnd, startSite, variablesFor } from "./support/site.js";

/** Both tiers' part of Vine, in which a failed handler is answered with gRPC's OK. */
const VINE = `
import { credentials, loadPackageDefinition, Server, ServerCredentials } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { register, Tier, traceHandler, extract, markPayload, withSpan } from "land-telemetry";
import { clientInterceptor, serverInterceptor } from "land-telemetry/grpc";
const failureFromResponse = ({ error }) => (error ? { type: String(error.Code), message: error.Message } : undefined);
const describe = ({ Method }) => ({ name: Method });
const { Vine } = loadPackageDefinition(loadSync("examples/tiers/vine.proto", { keepCase: true }));
`;
/** Cocoon's part: the handler that fails. */
const COCOON = `${VINE}
register(Tier.Cocoon);
const handle = traceHandler((method) => method, (method) => { throw new RangeError("no extension for " + method); });
const server = new Server({ interceptors: [serverInterceptor({ failureFromResponse, describe })] });
server.addService(Vine.CocoonService.service, {
  ProcessMountainRequest: ({ request: { RequestIdentifier, Method } }, reply) => {
    try {
      reply(null, { RequestIdentifier, Result: handle(Method) });
    } catch ({ message }) {
      reply(null, { RequestIdentifier, error: { Code: -32000, Message: message } });
    }
  },
});
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => process.send(port));
`;
/** A Node tier: delivers what the page relays, and passes the page's calls on over gRPC. */
const TIER = `${VINE}
import { createServer } from "node:http";
import { context } from "@opentelemetry/api";
import { acceptRelayed } from "land-telemetry/message-port";
register(Tier.Mountain);
const interceptors = [clientInterceptor({ failureFromResponse, describe })];
const cocoon = new Vine.CocoonService("127.0.0.1:" + process.argv[1], credentials.createInsecure(), { interceptors });
const call = (Method) => new Promise((resolve, reject) =>
  cocoon.ProcessMountainRequest({ RequestIdentifier: 1, Method }, (error, answer) => {
    if (error) return reject(error);
    return answer.error ? reject(new Error(answer.error.Message)) : resolve(answer);
  }));
const server = createServer((request, response) => {
  let body = "";
  response.setHeader("access-control-allow-origin", "*");
  response.setHeader("access-control-allow-headers", "*");
  if (request.method === "OPTIONS") return void response.end();
  request.on("data", (chunk) => (body += chunk));
  request.on("end", async () => {
    if (request.url === "/relay") return void response.end(String(await acceptRelayed(body)));
    const { carrier = request.headers } = JSON.parse(body);
    let made;
    await context
      .with(extract(carrier), () => withSpan("land:mountain:ipc:invoke", (span) => call("$open", (made = span))))
      .catch(({ message }) => response.end(JSON.stringify(markPayload({ message }, made))));
  });
});
server.listen(0, "127.0.0.1", () => process.send(server.address().port));
`;
const RELAYED = `
import * as telemetry from "land-telemetry";
globalThis.violations = [];
document.addEventListener("securitypolicyviolation", (event) => violations.push(event.blockedURI));
globalThis.telemetry = telemetry;
telemetry.register({ tier: "sky", relay: async (body) => (await toTier("/relay", body)) === "true" });
globalThis.click = () => telemetry.withSpan("land:sky:click", async (span, context) => {
  const answer = JSON.parse(await toTier("/call", JSON.stringify({ carrier: telemetry.inject({}, context) })));
  const error = new Error(answer.message);
  telemetry.adoptPayloadMark(answer, span, error);
  throw error;
}).catch(({ message }) => message);
`;
const FETCHED = RELAYED.replace(/telemetry\.register.*\n/, 'telemetry.register("sky");\n').replace(
  /await toTier\("\/call".*\n/,
  'await (await fetch(tier, { method: "POST", body: "{}", headers: telemetry.inject({}, context) })).text());\n',
);

let browser: Browser;
let farEnd: FarEnd;
let sites: Record<"relay" | "fetch", Site>;
let cocoon: ChildProcess;
let tier: ChildProcess;
let spool: string;
let port: number;

/** Starts a tier, and resolves with its process and the port that it reports. */
async function start(program: string, ...args: readonly string[]): Promise<[ChildProcess, number]> {
  const settings = Object.entries(variablesFor(farEnd)).map(([key, value]) => [key, String(value)]);
  const env = {
    PATH: process.env["PATH"],
    LAND_TELEMETRY_SPOOL: spool,
    OTEL_BSP_SCHEDULE_DELAY: "100",
  };
  const child = spawn(process.execPath, ["--input-type=module", "-e", program, ...args], {
    cwd: ROOT,
    env: { ...env, ...Object.fromEntries(settings) },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  return [child, await new Promise((said) => child.once("message", (each) => said(Number(each))))];
}

beforeAll(async () => {
  spool = mkdtempSync(join(tmpdir(), "land-relay-"));
  farEnd = await startFarEnd();
  sites = {
    relay: await startSite({ page: RELAYED }, CLOSED_POLICY),
    fetch: await startSite({ page: FETCHED }, SKY_POLICY),
  };
  browser = await launch();
  let vine: number;
  [cocoon, vine] = await start(COCOON);
  [tier, port] = await start(TIER, String(vine));
});
afterAll(async () => {
  cocoon.kill();
  tier.kill();
  await browser.close();
  for (const site of Object.values(sites)) await site.close();
  await farEnd.close();
  rmSync(spool, { recursive: true, force: true });
});

it.each(["relay", "fetch"] as const)(
  "a click, a Node tier and Cocoon's handler behind gRPC make one trace with one error event, by %s",
  async (way) => {
    farEnd.bodies.splice(0);
    const page = await browser.newPage();
    await page.exposeFunction("toTier", async (path: string, body: string) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", body });
      return response.text();
    });
    await page.addInitScript(`globalThis.tier = "http://localhost:${port}/call"`);
    await page.goto(sites[way].page("page", variablesFor(farEnd)));
    expect(await page.evaluate("click()")).toBe("no extension for $open");
    await page.evaluate("telemetry.flush(5000)");

    const clickOf = () => farEnd.spans().find(({ name }) => name === "land:sky:click");
    await farEnd.until(() => clickOf() !== undefined, "the click");
    const traceId = clickOf()?.traceId;
    const spans = () => farEnd.spans().filter((span) => span.traceId === traceId);
    const NAMES = ["land:sky:click", "land:mountain:ipc:invoke", "$open", "$open", "$open"];
    await farEnd.until(() => spans().length >= NAMES.length, "the other tiers' spans");
    expect(
      spans()
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...NAMES].sort());
    const ids = new Set(spans().map(({ spanId }) => spanId));
    const orphans = spans().filter(({ parentSpanId }) => parentSpanId && !ids.has(parentSpanId));
    expect(orphans).toEqual([]);
    expect(new Set(spans().map(({ resource }) => resource["land.tier"]))).toEqual(
      new Set(["sky", "mountain", "cocoon"]),
    );
    const errors = () => farEnd.events().filter(({ event }) => event.endsWith(":error"));
    await farEnd.until(() => errors().length > 0, "the error");
    // By now each tier has sent its spans, and with them the errors that it counted.
    await page.evaluate("telemetry.flush(5000)");
    expect(errors()).toMatchObject([
      { event: "land:cocoon:error", properties: { $trace_id: traceId, error_tag: "RangeError" } },
    ]);
    expect(await page.evaluate("violations")).toEqual([]);
    await page.close();
  },
);
