import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startReceiver } from "../../support/receiver.js";
import { pipesTo, runApp } from "../../support/runApp.js";

const EVENT = {
  event: "land:sky:error",
  distinct_id: "land-dev-page",
  properties: { $tier: "sky", error_tag: "TypeError" },
  timestamp: "2026-11-26T12:00:00.000Z",
  uuid: "0f0f0f0f-0000-4000-8000-00000000000a",
};
const SPAN = {
  attributes: [],
  events: [],
  traceId: "ab".repeat(16),
  spanId: "cd".repeat(8),
  name: "land:sky:click",
};
const SPANS = {
  resourceSpans: [
    {
      resource: { attributes: [] },
      scopeSpans: [{ scope: { name: "land.sky" }, spans: [SPAN, { ...SPAN, name: "second" }] }],
    },
  ],
};
const BATCH = { api_key: "phc_of_the_page", batch: [EVENT, EVENT, { event: 1 }, null] };
const NOTHING: unknown[] = [undefined, 7, "", "{", "[]", "null", "{}", '{"batch":[]}'];
NOTHING.push('{"batch":[{"event":"a","uuid":"no"}]}', '{"resourceSpans":[{"scopeSpans":7}]}');

const PROGRAM = (bodies: readonly unknown[]): string => `
  import { register, shutdown, stats, Tier } from "land-telemetry";
  import { acceptRelayed } from "land-telemetry/message-port";
  register(Tier.Cocoon);
  const bodies = ${JSON.stringify(bodies)};
  const taken = [];
  for (const body of bodies) taken.push(await acceptRelayed(body));
  await shutdown(5000);
  console.log(JSON.stringify({ taken, stats: stats() }));`;

interface Said {
  readonly taken: readonly boolean[];
  readonly stats: Record<string, Record<string, number>>;
}

let spool: string;
beforeEach(() => (spool = mkdtempSync(join(tmpdir(), "land-relay-"))));
afterEach(() => rmSync(spool, { recursive: true, force: true }));

async function run(url: string, bodies: readonly unknown[], more: object = {}): Promise<Said> {
  const env = { ...pipesTo(url), LAND_TELEMETRY_SPOOL: spool, ...more };
  const { stdout } = await runApp(PROGRAM(bodies), { env });
  return JSON.parse(stdout) as Said;
}

describe("acceptRelayed", () => {
  it("delivers a page's events and spans with this tier's own key, and a duplicate event once", async () => {
    const receiver = await startReceiver();
    const said = await run(receiver.url, [JSON.stringify(BATCH), JSON.stringify(SPANS)]);
    await receiver.close();
    expect(said.taken).toEqual([true, true]);
    const relayed = receiver.events().filter(({ uuid }) => uuid === EVENT.uuid);
    expect(relayed).toEqual([EVENT]);
    expect(receiver.spans().filter(({ traceId }) => traceId === SPAN.traceId)).toHaveLength(2);
    expect(JSON.stringify(receiver.requests)).not.toContain("phc_of_the_page");
    const { accepted, delivered, pending, spooled } = said.stats["otlp"] ?? {};
    expect({ delivered, pending, spooled }).toEqual({
      delivered: accepted,
      pending: 0,
      spooled: 0,
    });
  });

  it("spools them while nobody answers", async () => {
    const said = await run("http://127.0.0.1:9", [JSON.stringify(BATCH), JSON.stringify(SPANS)]);
    expect(said.taken).toEqual([true, true]);
    expect(said.stats["otlp"]?.["spooled"]).toBeGreaterThanOrEqual(2);
    expect(said.stats["posthog"]?.["spooled"]).toBeGreaterThanOrEqual(1);
  });

  it("refuses anything that is not a page's request", async () => {
    const receiver = await startReceiver();
    const said = await run(receiver.url, NOTHING);
    await receiver.close();
    expect(said.taken).toEqual(NOTHING.map(() => false));
  });

  it.each([
    ["Emit", [true, false]],
    ["Report", [false, true]],
  ])("refuses requests for a pipe that is off: %s=false", async (name, taken) => {
    const receiver = await startReceiver();
    const bodies = [JSON.stringify(BATCH), JSON.stringify(SPANS)];
    const said = await run(receiver.url, bodies, { [name]: "false" });
    await receiver.close();
    expect(said.taken).toEqual(taken);
  });
});
