import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { leaks } from "../support/leaks.js";
import type { Receiver } from "../support/receiver.js";
import { startReceiver } from "../support/receiver.js";
import { pipesTo, runApp } from "../support/runApp.js";
import { APPLICATION, canaries, HOME, USER } from "./corpus/canaries.js";

/**
 * Every canary in every field that a program can put text in: names, attributes, events, links, statuses, errors with
 * causes and aggregated errors, event properties, carriers, baggage that is copied to spans, and the resource.
 */
const PROGRAM = `
  import { readFileSync } from "node:fs";
  import { propagation, context, SpanStatusCode, trace } from "@opentelemetry/api";
  import { captureError, captureEvent, extract, register, shutdown, Tier, traceHandler, withSpan } from "land-telemetry";
  const texts = JSON.parse(readFileSync(process.argv[1], "utf8"));
  const { status } = register({ tier: Tier.Cocoon, resourceAttributes: Object.fromEntries(texts.map((text, i) => ["planted." + i, text])),
    baggageAttributes: ["planted"], posthog: { errorTracking: true }, privacy: { applicationRoot: ${JSON.stringify(APPLICATION)} },
    throttle: { perSecond: 1e6, errorCap: 1e6 } });
  if (status !== "registered") throw new Error(status);
  for (const text of texts) {
    const baggage = propagation.setBaggage(context.active(), propagation.createBaggage({ planted: { value: text } }));
    context.with(baggage, () => {
      try {
        withSpan("read " + text, { attributes: { text, list: ["a", text] }, links: [{ context: { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: 1 }, attributes: { text } }] }, (span) => {
          span.addEvent("event " + text, { text });
          const cause = new RangeError("cause: " + text, { cause: "root: " + text });
          const error = new AggregateError([new Error("one: " + text), new Error("two: " + text)], "failed at " + text, { cause });
          error.stack += "\\n    at read (" + text + "/main.js:3:4)";
          throw error;
        });
      } catch {}
    });
    const span = trace.getTracer("host").startSpan("status"); span.setStatus({ code: SpanStatusCode.ERROR, message: "failed: " + text }); span.end();
    captureEvent("land:cocoon:entry:load", { entry: text, nested: { deep: [text, { [text]: text }] } });
    captureError("tag", new Error(text, { cause: new Error(text) }), { text });
    context.with(extract({ traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", ...(/^[!-+\\--<>-~]{1,256}$/.test(text) ? { tracestate: "a=" + text } : {}), baggage: "planted=" + encodeURIComponent(text) }), () => withSpan("carried", () => {}));
    try { traceHandler((method) => method, () => { throw text; })("call " + text); } catch {}
  }
  await shutdown(Number(process.argv[2]));`;

function filesUnder(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => join(directory, name))
    .filter((file) => statSync(file).isFile());
}

describe("canaries in a running process", () => {
  let directory: string;
  let receiver: Receiver;
  const planted = canaries();

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "land-canaries-"));
    writeFileSync(join(directory, "texts.json"), JSON.stringify(planted.map(({ text }) => text)));
    receiver = await startReceiver();
  });
  afterEach(async () => {
    await receiver.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const run = async (url: string, timeoutMs: number): Promise<void> => {
    const env = {
      ...pipesTo(url),
      HOME,
      USER,
      Record: "1",
      LAND_TELEMETRY_SPOOL: join(directory, "state"),
    };
    const result = await runApp(PROGRAM, {
      env,
      rest: [join(directory, "texts.json"), String(timeoutMs)],
    });
    expect(result).toMatchObject({ code: 0, stdout: "", stderr: "" });
  };

  it("leave nothing at the receiver or in the recording", async () => {
    expect(planted.length).toBeGreaterThan(290);
    await run(receiver.url, 20_000);
    expect(receiver.spans().filter(({ name }) => name.startsWith("read ")).length).toBe(
      planted.length,
    );
    expect(receiver.events().filter(({ event }) => event === "$exception").length).toBeGreaterThan(
      planted.length,
    );
    expect(leaks(receiver.requests.map(({ body }) => body).join("\n"), planted)).toEqual([]);
    const recording = filesUnder(join(directory, "state", "recordings")).map((file) =>
      readFileSync(file, "utf8"),
    );
    expect(recording.join("").length).toBeGreaterThan(100_000);
    expect(leaks(recording.join("\n"), planted)).toEqual([]);
  }, 120_000);

  it("leave nothing in the spool", async () => {
    await run("http://127.0.0.1:9", 500);
    const spool = filesUnder(join(directory, "state", "v1"));
    const text = spool.map((file) => readFileSync(file, "utf8")).join("\n");
    expect(text.length).toBeGreaterThan(100_000);
    expect(leaks(text, planted)).toEqual([]);
  }, 120_000);
});
