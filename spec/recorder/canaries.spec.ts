import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { canaries } from "../redaction/corpus/canaries.js";
import { leaks } from "../support/leaks.js";
import { startReceiver } from "../support/receiver.js";
import { pipesTo, ROOT, runApp } from "../support/runApp.js";
import { sendSpool } from "../support/sendSpool.js";
import { temporaryFolder } from "../support/temporaryFolder.js";
import { UNTIL_JOURNALED } from "../support/untilJournaled.js";

/** As many as fit into one journal, whose size is limited. */
const TEXTS_A_PROCESS = 100;
const SPANS_A_TEXT = 2;
const OPEN_SPAN = /"open":\{"trace":"\w+","span":"(\w+)"/g;
const RUN = /"start":\{"v":1,"owner":\{"pid":(\d+)/g;

/** Puts each text into every field of spans that stay open, and dies of an error named like one of them. */
const PLANT = `
  ${UNTIL_JOURNALED}
  import { readFileSync } from "node:fs";
  import { context, SpanStatusCode, trace } from "@opentelemetry/api";
  import { register } from "land-telemetry";
  const [, file, directory] = process.argv;
  const texts = JSON.parse(readFileSync(file, "utf8"));
  const { tracer } = register({ tier: "cocoon", spool: { directory }, app: { version: texts[0] } });
  for (const text of texts) {
    const outer = tracer.startSpan("planted " + text, { attributes: { text, list: ["a", text] } });
    const inner = trace.getTracer("planted", text).startSpan(
      "planted inner",
      { links: [{ context: outer.spanContext(), attributes: { text } }] },
      trace.setSpan(context.active(), outer),
    );
    inner.addEvent("event " + text, { text });
    inner.recordException(new Error(text, { cause: new RangeError(text) }));
    inner.setStatus({ code: SpanStatusCode.ERROR, message: "failed: " + text });
  }
  process.on("uncaughtException", () => process.reallyExit(9));
  await untilJournaled(directory, ${SPANS_A_TEXT} * texts.length);
  setImmediate(() => { throw Object.assign(new Error(texts[1]), { name: texts[1] }); });
`;
const LOOK = `
  import { register } from "land-telemetry";
  console.log(JSON.stringify(register({ tier: "cocoon", spool: { directory: process.argv[1] } }).lastRun));
`;

describe("canaries in the spans that a dead process left open", () => {
  const planted = canaries();
  const folder = temporaryFolder("land-recorder-canaries-");
  const spool = join(folder, "spool");
  const home = join(folder, "home", "jane.quist");
  mkdirSync(home, { recursive: true });
  const secrets = [
    ...planted,
    { kind: "workspace", secrets: [ROOT] },
    { kind: "home", secrets: [home] },
  ];
  const read = (ending: string): string[] =>
    readdirSync(spool, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(ending))
      .map((name) => readFileSync(join(spool, name), "utf8"));

  it("reach no journal, no run file and nothing that is reported", async () => {
    const receiver = await startReceiver();
    const env = { HOME: home, ...pipesTo(receiver.url), Throttle: "1000000" };
    const [spans, deaths] = [new Set<string>(), new Set<string>()];
    for (let at = 0; at < planted.length; at += TEXTS_A_PROCESS) {
      const file = join(folder, "texts.json");
      const texts = planted.slice(at, at + TEXTS_A_PROCESS).map(({ text }) => text);
      writeFileSync(file, JSON.stringify(texts));
      expect(await runApp(PLANT, { env, rest: [file, spool] })).toMatchObject({ code: 9 });
      const [journals, runs] = [read(".spans"), read(".run")];
      for (const [, id = ""] of journals.join("").matchAll(OPEN_SPAN)) spans.add(id);
      for (const [, id = ""] of runs.join("").matchAll(RUN)) deaths.add(id);
      expect(leaks([...journals, ...runs].join("\n"), secrets)).toEqual([]);
    }
    expect(spans.size).toBe(SPANS_A_TEXT * planted.length);
    expect(deaths.size).toBe(Math.ceil(planted.length / TEXTS_A_PROCESS));

    const { stdout } = await runApp(LOOK, { env, rest: [spool] });
    expect(await sendSpool({ ...env, LAND_TELEMETRY_SPOOL: spool })).toMatchObject({ code: 0 });
    await receiver.close();
    expect(stdout).toContain('"endedBy":"uncaught"');
    expect(leaks(stdout, secrets)).toEqual([]);
    // A process that dies while reporting may have sent what the next one sends again, under the same ids.
    const unfinished = receiver.spans().filter(({ name }) => name.startsWith("planted"));
    expect(new Set(unfinished.map(({ spanId }) => spanId))).toEqual(spans);
    const crashes = receiver.events().filter(({ event }) => event === "land:cocoon:crash");
    expect(new Set(crashes.map(({ uuid }) => uuid)).size).toBe(deaths.size);
    const received = receiver.requests.map(({ body }) => body).join("\n");
    expect(leaks(received, secrets)).toEqual([]);
  }, 120_000);
});
