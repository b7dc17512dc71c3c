import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Receiver } from "./support/receiver.js";
import { startReceiver } from "./support/receiver.js";
import { pipesTo, runApp } from "./support/runApp.js";

let receiver: Receiver;
beforeEach(async () => (receiver = await startReceiver()));
afterEach(() => receiver.close());

/** Runs a program and returns the JSON that it printed. */
async function run(
  program: string,
  env: Record<string, string> = pipesTo(receiver.url),
  type: "module" | "commonjs" = "module",
): Promise<Record<string, unknown>> {
  const result = await runApp(program, { env, type });
  expect(result).toMatchObject({ code: 0, stderr: "" });
  return JSON.parse(result.stdout) as Record<string, unknown>;
}

const IMPORT = `import * as land from "land-telemetry"; import { trace, context, propagation } from "@opentelemetry/api"; const { register, Tier } = land;`;

describe("register", () => {
  it("reports that it has registered, and which pipes are on", async () => {
    const out = await run(
      `${IMPORT} const { status, reason } = register(Tier.Air); console.log(JSON.stringify({ status, reason, otlp: land.isAllowed("otlp"), posthog: land.isAllowed("posthog") }))`,
    );
    expect(out).toEqual({
      status: "registered",
      reason: "Registered as air: posthog is on; otlp is on.",
      otlp: true,
      posthog: true,
    });
  });

  it("reports the first unusable option in its reason, and all of them in its problems", async () => {
    const out = await run(
      `${IMPORT} const { reason, problems } = register({ tier: "cocon", shutdownTimeoutMs: "soon" }); console.log(JSON.stringify({ reason, problems }))`,
    );
    const problems = out["problems"] as readonly string[];
    expect(problems.length).toBeGreaterThan(1);
    expect(problems[0]).toMatch(/^tier="cocon" is not usable/);
    expect(out["reason"]).toBe(
      `Registered as sidecar: posthog is on; otlp is on. ${problems[0]} See problems for ${problems.length - 1} more.`,
    );
  });

  it("is idempotent: a second call changes nothing", async () => {
    const out =
      await run(`${IMPORT} const a = register(Tier.Air), b = register(Tier.Echo); await land.shutdown(5000);
      console.log(JSON.stringify({ status: b.status, same: a.tracer === b.tracer, reason: b.reason }))`);
    expect(out).toEqual({
      status: "already-registered",
      same: true,
      reason: "This process is already registered as air; this call changed nothing.",
    });
    expect(receiver.events().map(({ event }) => event)).toEqual([
      "land:air:session:start",
      "land:air:session:end",
    ]);
  });

  it("starts again after shutdown, with a new session, as each test of a file may do", async () => {
    const out = await run(`${IMPORT} const told = [];
      for (const tier of [Tier.Air, Tier.Echo]) {
        const { status, sessionId } = register(tier);
        land.withSpan(tier + " work", () => undefined);
        await land.shutdown(5000);
        told.push({ status, sessionId, parent: trace.getActiveSpan() === undefined, ...land.stats().otlp });
      }
      console.log(JSON.stringify({ told }))`);
    const told = out["told"] as readonly Record<string, unknown>[];
    expect(told).toMatchObject(
      Array(2).fill({ status: "registered", parent: true, delivered: 3, accepted: 3 }),
    );
    expect(told[0]?.["sessionId"]).not.toBe(told[1]?.["sessionId"]);
    const spans = receiver
      .spans()
      .map(({ name, resource }) => `${String(resource["land.tier"])} ${name}`);
    expect(spans.sort()).toEqual(
      ["air", "echo"].flatMap((tier) => [
        `${tier} ${tier} work`,
        `${tier} land:${tier}:session:end`,
        `${tier} land:${tier}:session:start`,
      ]),
    );
  });

  it("keeps a provider that the host set after shutdown, and says so", async () => {
    const out =
      await run(`${IMPORT} import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
      register(Tier.Air); await land.shutdown(5000);
      trace.disable(); trace.setGlobalTracerProvider(new BasicTracerProvider());
      const { status, reason } = register(Tier.Air); await land.shutdown(5000);
      console.log(JSON.stringify({ status, reason }))`);
    expect(out["status"]).toBe("foreign-provider");
    expect(out["reason"]).toMatch(/globals that others set first are kept \(tracer provider\)/);
  });

  it("shares its telemetry between import and require in one process", async () => {
    const out =
      await run(`${IMPORT} import { createRequire } from "node:module"; const other = createRequire(process.cwd() + "/x.js")("land-telemetry");
      const a = register(Tier.Cocoon), b = other.register("cocoon"); await land.shutdown(5000);
      console.log(JSON.stringify({ a: a.status, b: b.status }))`);
    expect(out).toEqual({ a: "registered", b: "already-registered" });
    expect(receiver.events().filter(({ event }) => event.endsWith(":session:start"))).toHaveLength(
      1,
    );
  });

  it("shares its telemetry between two copies of the package in one process", async () => {
    const out = await run(`${IMPORT} const other = await import("./dist/bundler/full/index.mjs");
      const a = register(Tier.Cocoon), b = other.register("cocoon"); other.captureEvent("land:cocoon:entry:load"); await land.shutdown(5000);
      console.log(JSON.stringify({ a: a.status, b: b.status, distinct: other.register !== register }))`);
    expect(out).toEqual({ a: "registered", b: "already-registered", distinct: true });
    expect(receiver.events().filter(({ event }) => event.endsWith(":session:start"))).toHaveLength(
      1,
    );
    expect(
      receiver.events().filter(({ event }) => event === "land:cocoon:entry:load"),
    ).toHaveLength(1);
  });

  it("works with require", async () => {
    const out = await run(
      `const land = require("land-telemetry"); const { status } = land.register(land.Tier.Mist); land.shutdown(5000).then(() => console.log(JSON.stringify({ status })))`,
      pipesTo(receiver.url),
      "commonjs",
    );
    expect(out).toEqual({ status: "registered" });
    expect(receiver.spans().map(({ name }) => name)).toContain("land:mist:session:start");
  });

  it("keeps a foreign provider and says so, and still sends events, including the session start", async () => {
    const out = await run(`${IMPORT}
      import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
      const exporter = new InMemorySpanExporter(); const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
      trace.setGlobalTracerProvider(provider);
      const { status, reason } = register(Tier.Cocoon);
      land.withSpan("mine", () => land.captureEvent("land:cocoon:entry:load"));
      await land.shutdown(5000);
      console.log(JSON.stringify({ status, reason, kept: trace.getTracerProvider().getDelegate() === provider, spans: exporter.getFinishedSpans().map((s) => s.name) }))`);
    expect(out).toMatchObject({
      status: "foreign-provider",
      kept: true,
      spans: ["land:cocoon:session:start", "mine", "land:cocoon:session:end"],
    });
    expect(out["reason"]).toContain("tracer provider");
    expect(receiver.events().map(({ event }) => event)).toEqual([
      "land:cocoon:session:start",
      "land:cocoon:entry:load",
    ]);
    // The context manager and the propagator were free, so the event still has its span.
    expect(receiver.events()[1]?.properties["$span_id"]).toMatch(/^[0-9a-f]{16}$/);
    expect(receiver.spans()).toEqual([]);
  });

  it("starts the session in the trace handed down by the parent process, but no other root span", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await run(
      `${IMPORT} register(Tier.Cocoon); land.withSpan("root", () => {}); await land.shutdown(5000); console.log("{}")`,
      {
        ...pipesTo(receiver.url),
        TRACEPARENT: traceparent,
        BAGGAGE: "session.id=5f8ddc1e-1111-4222-8333-944455556666",
      },
    );
    const byName = Object.fromEntries(receiver.spans().map((span) => [span.name, span]));
    expect(byName["land:cocoon:session:start"]).toMatchObject({
      traceId: "0af7651916cd43dd8448eb211c80319c",
      parentSpanId: "b7ad6b7169203331",
    });
    expect(byName["root"]?.traceId).not.toBe("0af7651916cd43dd8448eb211c80319c");
    expect(byName["root"]?.resource["session.id"]).toBe("5f8ddc1e-1111-4222-8333-944455556666");
  });

  it("is silent by default and honours OTEL_LOG_LEVEL", async () => {
    const env = { ...pipesTo(receiver.url), Buffer: "abc" };
    const quiet = await runApp(`${IMPORT} register(Tier.Air)`, { env });
    expect(quiet).toMatchObject({ code: 0, stdout: "", stderr: "" });
    const loud = await runApp(`${IMPORT} register(Tier.Air)`, {
      env: { ...env, OTEL_LOG_LEVEL: "warn" },
    });
    expect(loud.stdout + loud.stderr).toMatch(
      /Buffer="abc" is not usable; accepted: a number above 0/,
    );
  });

  it("never throws, whatever it is given", async () => {
    const out = await run(
      `${IMPORT}
      const hostile = [undefined, null, 3, "nobody", [], { tier: 7, app: null, posthog: 1, otlp: "x", mirror: 5, spanProcessors: 3, throttle: null, spool: 9 },
        { get tier() { throw new Error("getter") } },
        { tier: "air", privacy: { patterns: /x/ } }, { tier: "air", otlp: { headers: null } }, { tier: "air", processHooks: { signals: 3 } }];
      const results = [];
      for (const value of hostile) { results.push(register(value).status); await land.shutdown(0); }
      console.log(JSON.stringify({ results }))`,
      {
        Capture: "true",
        Report: "true",
        Emit: "true",
        Authorize: "phc_x",
        Pipe: receiver.url,
        Beam: receiver.url,
      },
    );
    expect(
      (out["results"] as string[]).every((status) =>
        ["registered", "disabled", "foreign-provider"].includes(status),
      ),
    ).toBe(true);
  });
});

describe("registered telemetry", () => {
  it("survives a property whose getter throws", async () => {
    await run(`${IMPORT} register(Tier.Air);
      land.captureEvent("land:air:a", { get bad() { throw new Error("getter") } });
      land.captureError("tag", new Error("e"), { get bad() { throw new Error("getter") } });
      land.captureEvent("land:air:b"); await land.shutdown(5000); console.log("{}")`);
    expect(receiver.events().map(({ event }) => event)).toContain("land:air:b");
  });

  it("sends no session event if `mirror` leaves sessions out", async () => {
    await run(`${IMPORT} register({ tier: Tier.Air, mirror: ["error"] });
      land.captureEvent("land:air:a"); await land.shutdown(5000); console.log("{}")`);
    expect(receiver.events().map(({ event }) => event)).toEqual(["land:air:a"]);
  });

  it("keeps what a host's own exit listener records, for the next process to send", async () => {
    const spool = mkdtempSync(join(tmpdir(), "land-"));
    const env = { ...pipesTo(receiver.url), LAND_TELEMETRY_SPOOL: spool };
    await run(
      `${IMPORT} const { tracer } = register(Tier.Air);
      process.on("exit", () => { tracer.startSpan("late").end(); land.captureEvent("land:air:late"); });
      console.log("{}")`,
      env,
    );
    await run(`${IMPORT} register(Tier.Air); await land.flush(5000); console.log("{}")`, env);
    expect(receiver.events().map(({ event }) => event)).toContain("land:air:late");
    expect(receiver.spans().map(({ name }) => name)).toContain("late");
    rmSync(spool, { recursive: true });
  });

  it("flushes and shuts down the host's own processors too, whatever they return", async () => {
    const out = await run(
      `${IMPORT} const said = [];
      const processor = (answer) => ({ onStart() {}, onEnd() {},
        forceFlush() { said.push("flush"); return answer(); }, shutdown() { said.push("shutdown"); return answer(); } });
      register({ tier: Tier.Air, spanProcessors: [
        processor(() => Promise.resolve()), processor(() => { throw new Error("x"); }), processor(() => new Promise(() => {}))] });
      await land.flush(100); await land.shutdown(300); console.log(JSON.stringify(said))`,
    );
    expect(out).toEqual([...Array<string>(6).fill("flush"), ...Array<string>(3).fill("shutdown")]);
  });

  it("sends spans recorded before the exporter was loaded without going through the disk", async () => {
    const out =
      await run(`${IMPORT} register(Tier.Air); land.withSpan("early", () => {}); await land.flush(5000);
      console.log(JSON.stringify(land.stats().otlp))`);
    expect(out).toEqual({
      accepted: 2,
      delivered: 2,
      replayed: 0,
      dropped: {},
      spooled: 0,
      pending: 0,
    });
  });
});

describe("telemetry that is off", () => {
  const program = `${IMPORT}
    import { createRequire } from "node:module";
    import net from "node:net";
    const sockets = []; const connect = net.Socket.prototype.connect; net.Socket.prototype.connect = function (...args) { sockets.push("socket"); return connect.apply(this, args); };
    const { status } = register(Tier.Cocoon);
    land.captureEvent("a"); land.captureError("b", new Error("c")); land.captureSession();
    try { land.withSpan("d", () => { throw new Error("e"); }) } catch {}
    await land.flush(5000);
    const loaded = Object.keys(createRequire(process.cwd() + "/x.js").cache).filter((file) => /posthog|TraceExporter/i.test(file));
    console.log(JSON.stringify({ status, sockets, loaded, accepted: [land.stats().posthog.accepted, land.stats().otlp.accepted] }));`;
  const off = { status: "disabled", sockets: [], loaded: [], accepted: [0, 0] };

  it.each([
    ["nothing is set", {}],
    ["Capture is not set", { Capture: "" }],
    ["Capture is off", { Capture: "false" }],
    ["the SDK is disabled", { OTEL_SDK_DISABLED: "true" }],
    ["both pipes are off", { Report: "0", Emit: "no" }],
    ["there is no key and no Emit", { Authorize: "", Emit: "" }],
  ])(
    "opens no socket and loads neither posthog-node nor the exporter if %s",
    async (_case, change: Record<string, string>) => {
      const env = Object.keys(change).length === 0 ? {} : { ...pipesTo(receiver.url), ...change };
      expect(await run(program, env)).toEqual(off);
      expect(receiver.requests).toEqual([]);
    },
  );

  it("opens a socket once it is on, so that the check above can fail", async () => {
    const out = await run(program);
    expect(out["status"]).toBe("registered");
    expect(out["sockets"]).not.toEqual([]);
    expect(out["loaded"]).not.toEqual([]);
  });

  it("still uses one pipe if only the other is off", async () => {
    await run(`${IMPORT} register(Tier.Cocoon); await land.shutdown(5000); console.log("{}")`, {
      ...pipesTo(receiver.url),
      Report: "off",
    });
    expect(receiver.events()).toEqual([]);
    expect(receiver.spans()).not.toEqual([]);
  });
});

describe("register, which defers what it can", () => {
  it("loads neither posthog-node nor the exporter itself, nor for the first spans and events", async () => {
    const out = await run(`${IMPORT}
      import { createRequire } from "node:module";
      register(Tier.Cocoon); land.withSpan("a", () => land.captureEvent("b"));
      const cache = Object.keys(createRequire(process.cwd() + "/x.js").cache);
      console.log(JSON.stringify({ later: cache.filter((file) => /posthog|TraceExporter/i.test(file)), modules: cache.length }));
      process.exit(0);`);
    expect(out["later"]).toEqual([]);
  });

  it("uses the environment as it was at the call, whatever changes afterwards", async () => {
    await run(`${IMPORT} register(Tier.Cocoon); process.env.Brand = "another"; process.env.Pipe = process.env.Beam = "http://127.0.0.1:9"; process.env.OTEL_SERVICE_NAME = "another";
      await land.shutdown(5000); console.log("{}")`);
    expect(receiver.events()[0]?.distinct_id).toBe("someone");
    expect(receiver.requests.map(({ body }) => body).join("")).toContain("land-editor-cocoon");
  });
});

describe("the session start", () => {
  let spool: string;
  beforeEach(() => (spool = mkdtempSync(join(tmpdir(), "land-register-"))));
  afterEach(() => rmSync(spool, { recursive: true, force: true }));
  const onDisk = (): string =>
    (readdirSync(spool, { recursive: true }) as string[])
      .filter((name) => name.endsWith(".ndjson"))
      .map((name) => readFileSync(join(spool, name), "utf8"))
      .join("");
  const killed = (program: string) =>
    runApp(`${IMPORT} ${program}`, {
      env: { ...pipesTo("http://127.0.0.1:9"), LAND_TELEMETRY_SPOOL: spool },
    });
  const KILL = `process.kill(process.pid, "SIGKILL");`;

  it("is on disk after the first turns of the event loop, not before", async () => {
    expect((await killed(`register(Tier.Air); ${KILL}`)).signal).toBe("SIGKILL");
    expect(onDisk()).toBe("");
    expect(
      (
        await killed(
          `register(Tier.Air); for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate); ${KILL}`,
        )
      ).signal,
    ).toBe("SIGKILL");
    expect(onDisk()).toContain("land:air:session:start");
  });

  it("is on disk while the process waits for something", async () => {
    await killed(`register(Tier.Air); setTimeout(() => { ${KILL} }, 50);`);
    expect(onDisk()).toContain("land:air:session:start");
  });

  it("is on disk immediately if the host asks for it", async () => {
    await killed(`register(Tier.Air); land.captureSession(); ${KILL}`);
    expect(onDisk()).toContain("land:air:session:start");
  });

  it.each([
    ["exits in the first turn", "process.exit(0);", 0],
    ["throws in the first turn", `throw new Error("no");`, 1],
    ["has nothing to do", "", 0],
  ])("is on disk, like the session's end, if the process %s", async (_how, ending, code) => {
    expect((await killed(`register(Tier.Air); ${ending}`)).code).toBe(code);
    expect(onDisk()).toContain("land:air:session:start");
    expect(onDisk()).toContain("land:air:session:end");
  });

  it("has the time of the call, not of the turn in which it was made", async () => {
    const out =
      await run(`${IMPORT} register(Tier.Air); const called = performance.timeOrigin + performance.now();
      const until = performance.now() + 300; while (performance.now() < until); await land.shutdown(5000); console.log(JSON.stringify({ called }))`);
    const start = receiver.spans().find(({ name }) => name === "land:air:session:start");
    expect(Number(start?.endTimeUnixNano) / 1e6).toBeLessThanOrEqual((out["called"] as number) + 1);
    expect(Date.parse(receiver.events()[0]?.timestamp ?? "")).toBeLessThanOrEqual(
      (out["called"] as number) + 1,
    );
  });

  it.each([
    ["an event", `land.captureEvent("land:air:first");`],
    ["an error", `land.captureError("first", new Error("no"));`],
  ])("comes before %s", async (_what, first) => {
    await run(
      `${IMPORT} register(Tier.Air); ${first} await land.shutdown(5000); console.log("{}")`,
    );
    expect(receiver.spans()[0]?.name).toBe("land:air:session:start");
    expect(receiver.events()[0]?.event).toBe("land:air:session:start");
  });

  it("is dated before a span that was made first", async () => {
    await run(
      `${IMPORT} register(Tier.Air); trace.getTracer("host").startSpan("first").end(); await land.shutdown(5000); console.log("{}")`,
    );
    const [start, first] = ["land:air:session:start", "first"].map((wanted) =>
      receiver.spans().find(({ name }) => name === wanted),
    );
    expect(Number(start?.startTimeUnixNano)).toBeLessThan(Number(first?.startTimeUnixNano));
    expect(Number(start?.endTimeUnixNano)).toBeLessThanOrEqual(Number(first?.endTimeUnixNano));
  });

  it("is made only once, whoever asks for it and when", async () => {
    await run(
      `${IMPORT} register(Tier.Air); land.captureSession(); for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate); land.captureSession(); await land.shutdown(5000); console.log("{}")`,
    );
    expect(
      receiver.events().filter(({ event }) => event === "land:air:session:start"),
    ).toHaveLength(1);
    expect(receiver.spans().filter(({ name }) => name === "land:air:session:start")).toHaveLength(
      1,
    );
  });
});

describe("a hindered start", () => {
  const OPTIONS = `const out = {}; const attempt = (name, call) => { try { out[name] = call() ?? "ok"; } catch (error) { out[name] = String(error); } };`;

  it("throws nothing into the host while no file can be opened, and works once one can", async () => {
    const out =
      await run(`${IMPORT} ${OPTIONS} import fs from "node:fs"; import { createRequire } from "node:module";
      register(Tier.Air);
      const real = fs.readFileSync; fs.readFileSync = (...args) => { if (String(args[0]).includes("/dist/node/")) throw Object.assign(new Error("EMFILE"), { code: "EMFILE" }); return real(...args); };
      attempt("span", () => trace.getTracer("host").startSpan("early").end());
      attempt("event", () => land.captureEvent("land:air:early"));
      attempt("error", () => land.captureError("early", new Error("no")));
      attempt("session", () => land.captureSession());
      fs.readFileSync = real;
      out.dropped = land.stats().posthog.dropped;
      land.captureEvent("land:air:later");
      await land.shutdown(5000); console.log(JSON.stringify(out));`);
    expect(out).toEqual({
      span: "ok",
      event: "ok",
      error: "ok",
      session: "ok",
      dropped: {},
    });
    expect(receiver.events().map(({ event }) => event)).toEqual([
      "land:air:session:start",
      "land:air:early",
      "land:air:error",
      "land:air:later",
      "land:air:session:end",
    ]);
  });

  it("makes each part once even if reading a file starts a span", async () => {
    const out = await run(`${IMPORT} ${OPTIONS} import fs from "node:fs";
      let depth = 0, spans = 0;
      for (const name of ["readFileSync", "openSync", "readSync", "realpathSync", "statSync", "mkdirSync"]) {
        const real = fs[name];
        fs[name] = Object.assign((...args) => { const span = trace.getTracer("fs").startSpan("fs " + name); spans++; try { return real(...args); } finally { span.end(); } }, real);
      }
      register(Tier.Air);
      attempt("span", () => trace.getTracer("host").startSpan("first").end());
      await land.shutdown(5000); console.log(JSON.stringify({ ...out, few: spans < 200 }));`);
    expect(out).toEqual({ span: "ok", few: true });
    expect(
      receiver
        .spans()
        .filter(({ name }) => !name.startsWith("fs "))
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["first", "land:air:session:end", "land:air:session:start"]);
    expect(receiver.events().map(({ event }) => event)).toEqual([
      "land:air:session:start",
      "land:air:session:end",
    ]);
  });

  it("lets the process end even if a host's listener captures an event at every beforeExit", async () => {
    const out =
      await run(`${IMPORT} let times = 0; process.on("exit", () => console.log(JSON.stringify({ few: times < 10 })));
      process.on("beforeExit", () => { if (++times > 500) process.exit(); land.captureEvent("land:air:end:" + times); });
      register({ tier: Tier.Air, posthog: { flushInterval: 1 } }); land.captureEvent("land:air:first");
      while (land.stats().posthog.delivered < 2) await new Promise(setImmediate);`);
    expect(out).toEqual({ few: true });
  });
});
