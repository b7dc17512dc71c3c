import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Span, Tracer } from "@opentelemetry/api";
import { context, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import type { PostHogMirrorOptions } from "../../lib/posthog/PostHogMirrorSpanProcessor.js";
import { PostHogMirrorSpanProcessor } from "../../lib/posthog/PostHogMirrorSpanProcessor.js";
import type { Receiver, WireEvent } from "../support/receiver.js";
import { startReceiver } from "../support/receiver.js";
import { runApp } from "../support/runApp.js";
import { exactly } from "../support/exactly.js";

let receiver: Receiver;
let tracer: Tracer;
let mirror: PostHogMirrorSpanProcessor;
let exporter: InMemorySpanExporter;

beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
beforeEach(async () => (receiver = await startReceiver()));
afterEach(async () => {
  await mirror.shutdown();
  await receiver.close();
});
afterAll(() => context.disable());

/** Starts the mirror on a host's own provider, sending to a real server. */
function start(options: PostHogMirrorOptions = {}): void {
  const { posthog, ...rest } = options;
  mirror = new PostHogMirrorSpanProcessor({
    posthog: { key: "phc_test", host: receiver.url, distinctId: "someone", ...posthog },
    spool: false,
    throttle: { perSecond: 1e6, errorCap: 1e6 },
    processHooks: false,
    ...rest,
  });
  exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ "land.tier": "grove" }),
    spanProcessors: [mirror, new SimpleSpanProcessor(exporter)],
  });
  tracer = provider.getTracer("host");
}

/** What has arrived once nothing is pending; a flush alone waits no longer than the end of a process may. */
async function events(): Promise<WireEvent[]> {
  await mirror.forceFlush();
  while (mirror.stats().pending > 0) await new Promise(setImmediate);
  return receiver.events();
}

/** A span around a function that throws, recorded and marked by hand, as a host would do it. */
function failing(name: string, fn: () => void): void {
  tracer.startActiveSpan(name, (span) => {
    try {
      fn();
    } catch (error) {
      span.recordException(error as Error);
      span.setStatus({
        code: SpanStatusCode.ERROR,
        message: String((error as Error | undefined)?.message ?? error),
      });
      throw error;
    } finally {
      span.end();
    }
  });
}

const quietly = (fn: () => void): void => {
  try {
    fn();
  } catch {
    // The failure is what the test is about.
  }
};

describe("what is mirrored", () => {
  it("includes no ordinary and no successful span", async () => {
    start();
    tracer.startSpan("ordinary").end();
    const ok = tracer.startSpan("fine");
    ok.setStatus({ code: SpanStatusCode.OK });
    ok.end();
    expect(await events()).toEqual([]);
    expect(exporter.getFinishedSpans().map(({ attributes }) => attributes)).toEqual([{}, {}]);
  });

  it("includes a failed span, with its resource's tier, its identity and its time", async () => {
    start();
    const span = tracer.startSpan("work", { startTime: 1_700_000_000_000 });
    span.setStatus({ code: SpanStatusCode.ERROR, message: "no luck" });
    span.end(1_700_000_000_250);
    expect(await events()).toEqual([
      expect.objectContaining({
        event: "land:grove:error",
        distinct_id: "someone",
        timestamp: "2023-11-14T22:13:20.250Z",
        properties: expect.objectContaining({
          $tier: "grove",
          duration_ms: 250,
          status_code: 2,
          error_tag: "work",
          error_message: "no luck",
          $trace_id: span.spanContext().traceId,
          $span_id: span.spanContext().spanId,
        }),
      }),
    ]);
  });

  it("gets its tag from error.type or else the exception, and its message from the exception", async () => {
    start();
    for (const type of ["custom", undefined]) {
      const span = tracer.startSpan("work");
      if (type !== undefined) span.setAttribute("error.type", type);
      span.recordException(new RangeError("too far"));
      span.setStatus({ code: SpanStatusCode.ERROR, message: "other words" });
      span.end();
    }
    expect(
      (await events()).map(({ properties }) => [
        properties["error_tag"],
        properties["error_message"],
      ]),
    ).toEqual([
      ["custom", "too far"],
      ["RangeError", "too far"],
    ]);
  });

  it("belongs to the span's distinct id, or else to the configured one", async () => {
    start();
    const span = tracer.startSpan("work", {
      attributes: { "posthog.distinct_id": "somebody else" },
    });
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
    const other = tracer.startSpan("other work");
    other.setStatus({ code: SpanStatusCode.ERROR });
    other.end();
    expect((await events()).map(({ distinct_id }) => distinct_id)).toEqual([
      "somebody else",
      "someone",
    ]);
    expect(exporter.getFinishedSpans().map(({ attributes }) => attributes)).toEqual([
      { "posthog.event": "land:grove:error", "posthog.distinct_id": "somebody else" },
      { "posthog.event": "land:grove:error", "posthog.distinct_id": "someone" },
    ]);
  });

  it("includes a session span, recognised by its name", async () => {
    start();
    tracer.startSpan("land:grove:session:start").end();
    tracer.startSpan("land:grove:session:started").end();
    tracer.startSpan("lands:grove:session:start").end();
    expect((await events()).map(({ event }) => event)).toEqual(["land:grove:session:start"]);
  });

  it("is limited to the kinds that were chosen", async () => {
    start({ mirror: ["handler"] });
    tracer.startSpan("pkg.Service/Method", { kind: SpanKind.SERVER }).end();
    const failed = tracer.startSpan("work");
    failed.setStatus({ code: SpanStatusCode.ERROR });
    failed.end();
    expect(
      (await events()).map(({ event, properties }) => [
        event,
        properties["feature"],
        properties["ok"],
        typeof properties["duration_ms"],
      ]),
    ).toEqual([["land:grove:handler:complete", "pkg.Service/Method", true, "number"]]);
  });

  it("is what a function chooses, under the name that it returns", async () => {
    start({ mirror: (span) => (span.name === "a" ? "land:grove:chosen" : span.name === "b") });
    for (const name of ["a", "b", "c"]) tracer.startSpan(name).end();
    expect((await events()).map(({ event }) => event)).toEqual(["land:grove:chosen", "b"]);
  });

  it("is nothing if the function throws, which the host does not notice", async () => {
    start({
      mirror: () => {
        throw new Error("mine");
      },
    });
    expect(() => tracer.startSpan("a").end()).not.toThrow();
    expect(await events()).toEqual([]);
  });

  it("is still chosen in onEnd if the SDK does not call onEnding", async () => {
    start();
    const span = tracer.startSpan("land:grove:session:start") as Span & ReadableSpan;
    const older = new PostHogMirrorSpanProcessor({
      posthog: { key: "phc_test", host: receiver.url, distinctId: "someone" },
      spool: false,
      processHooks: false,
    });
    older.onEnd(span);
    await older.shutdown();
    expect(receiver.events().map(({ event }) => event)).toEqual(["land:grove:session:start"]);
  });

  it("is nothing without a key", async () => {
    start({ posthog: { key: "" } });
    quietly(() =>
      failing("a", () => {
        throw new Error("x");
      }),
    );
    expect(await events()).toEqual([]);
  });
});

describe("one failure is one event, from the innermost span", () => {
  const spanNames = async (): Promise<unknown[]> =>
    (await events()).map(({ properties }) => properties["span_name"]);

  it.each<[string, () => unknown]>([
    ["an Error", () => new Error("x")],
    ["a frozen Error", () => Object.freeze(new Error("x"))],
    ["a plain object", () => ({ message: "x" })],
    ["a string", () => "x"],
  ])("even if it is %s passing through three spans", async (_case, make) => {
    start();
    const failure = make();
    quietly(() =>
      failing("outer", () =>
        failing("middle", () =>
          failing("inner", () => {
            throw failure;
          }),
        ),
      ),
    );
    expect(await spanNames()).toEqual(["inner"]);
  });

  it("even if an Error is wrapped on its way, as the cause of another", async () => {
    start();
    quietly(() =>
      failing("outer", () => {
        try {
          failing("inner", () => {
            throw new Error("x");
          });
        } catch (cause) {
          throw new Error("wrapped", { cause });
        }
      }),
    );
    expect(await spanNames()).toEqual(["inner"]);
  });

  it("even if the cause of the outer error is rebuilt from the message", async () => {
    start();
    quietly(() =>
      failing("outer", () => {
        try {
          failing("inner", () => {
            throw new Error("x");
          });
        } catch {
          throw new Error("wrapped", { cause: new Error("x") });
        }
      }),
    );
    expect(await spanNames()).toEqual(["inner"]);
  });

  it("so an AggregateError of failures already counted adds none", async () => {
    start();
    const failures: unknown[] = [];
    for (const name of ["a", "b"]) {
      try {
        failing(name, () => {
          throw new Error(name);
        });
      } catch (error) {
        failures.push(error);
      }
    }
    quietly(() =>
      failing("outer", () => {
        throw new AggregateError(failures, "all");
      }),
    );
    expect(await spanNames()).toEqual(["a", "b"]);
  });

  it("but another failure of the outer span is another event", async () => {
    start();
    quietly(() =>
      failing("outer", () => {
        quietly(() =>
          failing("inner", () => {
            throw new Error("x");
          }),
        );
        throw new Error("y");
      }),
    );
    expect(await spanNames()).toEqual(["inner", "outer"]);
  });

  it("but three equal retries are three, and giving up is another", async () => {
    start();
    quietly(() =>
      failing("outer", () => {
        for (let attempt = 0; attempt < 3; attempt++)
          quietly(() =>
            failing(`try ${attempt}`, () => {
              throw new Error("same");
            }),
          );
        throw new Error("gave up");
      }),
    );
    expect(await spanNames()).toEqual(["try 0", "try 1", "try 2", "outer"]);
  });

  it("but three equal strings from siblings are three, to which their parent's adds none", async () => {
    start();
    quietly(() =>
      failing("outer", () => {
        for (let attempt = 0; attempt < 3; attempt++)
          quietly(() =>
            failing(`try ${attempt}`, () => {
              throw "same";
            }),
          );
        throw "same";
      }),
    );
    expect(await spanNames()).toEqual(["try 0", "try 1", "try 2"]);
  });
});

describe("errorTracking", () => {
  it("is off by default", async () => {
    start();
    quietly(() =>
      failing("a", () => {
        throw new Error("x");
      }),
    );
    expect((await events()).map(({ event }) => event)).toEqual(["land:grove:error"]);
  });

  it("sends $exception with parsed frames and causes, and no source lines", async () => {
    start({ posthog: { errorTracking: true } });
    quietly(() =>
      failing("a", () => {
        throw new TypeError("x", { cause: new RangeError("y") });
      }),
    );
    const [error, exception] = await events();
    expect(exception).toMatchObject({
      event: "$exception",
      distinct_id: "someone",
      timestamp: error?.timestamp,
      properties: {
        $trace_id: error?.properties["$trace_id"],
        $span_id: error?.properties["$span_id"],
        $exception_level: "error",
      },
    });
    const list = exception?.properties["$exception_list"] as {
      type: string;
      value: string;
      stacktrace: { frames: Record<string, unknown>[] };
    }[];
    expect(list.map(({ type, value }) => [type, value])).toEqual([
      ["TypeError", "x"],
      ["RangeError", "y"],
    ]);
    const frames = list[0]?.stacktrace.frames ?? [];
    expect(
      frames.some(
        ({ filename, lineno }) =>
          String(filename).includes("PostHogMirrorSpanProcessor.spec") &&
          typeof lineno === "number",
      ),
    ).toBe(true);
    expect(JSON.stringify(list)).not.toMatch(/context_line|pre_context|post_context/);
  });
});

describe("the mirror", () => {
  it("counts every event in its ledger", async () => {
    start();
    quietly(() =>
      failing("a", () => {
        throw new Error("x");
      }),
    );
    await events();
    expect(mirror.stats()).toMatchObject({
      accepted: 1,
      delivered: 1,
      pending: 0,
      spooled: 0,
      dropped: exactly({}),
    });
  });

  it("waits at shutdown until what it holds has arrived", async () => {
    start({ shutdownTimeoutMs: 10_000 });
    quietly(() =>
      failing("a", () => {
        throw new Error("x");
      }),
    );
    await mirror.shutdown();
    expect(mirror.stats()).toMatchObject({ accepted: 1, delivered: 1, pending: 0 });
  });

  it("stores on disk what arrives after its shutdown", async () => {
    const directory = mkdtempSync(join(tmpdir(), "land-mirror-"));
    start({ mirror: ["handler"], spool: { directory } });
    await mirror.shutdown();
    tracer.startSpan("late", { kind: SpanKind.SERVER }).end();
    expect(mirror.stats()).toMatchObject({ accepted: 1, spooled: 1, pending: 0 });
    rmSync(directory, { recursive: true });
  });

  it.each([
    ["by itself", ""],
    ["by process.exit", "process.exit(0);"],
    ["of a signal", 'process.kill(process.pid, "SIGTERM"); setTimeout(() => {}, 60_000);'],
  ])("loses no event of a process that ends %s, not even an ordinary one", async (_how, end) => {
    start();
    const spool = mkdtempSync(join(tmpdir(), "land-mirror-"));
    const program = (work: string) => `
      import { SpanKind } from "@opentelemetry/api";
      import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
      import { PostHogMirrorSpanProcessor } from "land-telemetry/mirror";
      const mirror = new PostHogMirrorSpanProcessor({ tier: "grove", mirror: ["handler"], posthog: { key: "phc_test" } });
      const provider = new BasicTracerProvider({ spanProcessors: [mirror] });
      ${work}`;
    const env = { Beam: receiver.url, LAND_TELEMETRY_SPOOL: spool };
    await runApp(
      program(
        `provider.getTracer("host").startSpan("$hover", { kind: SpanKind.SERVER }).end(); ${end}`,
      ),
      { env },
    );
    // The next process sends what this one could not send in its last moment.
    if (receiver.events().length === 0)
      await runApp(
        program(
          "const look = setInterval(() => mirror.stats().replayed === 1 && clearInterval(look), 10);",
        ),
        { env },
      );
    expect(
      receiver.events().map(({ event, properties }) => [event, properties["feature"]]),
    ).toEqual([["land:grove:handler:complete", "$hover"]]);
    rmSync(spool, { recursive: true });
  });

  it("does not throw at the end of a failed span that recorded null as its exception", () => {
    start();
    const span: Span = tracer.startSpan("a");
    expect(() => span.recordException(null as never)).not.toThrow();
    span.setStatus({ code: SpanStatusCode.ERROR });
    expect(() => span.end()).not.toThrow();
  });
});

describe("the mirror with a host's options", () => {
  it("counts an ignored error once, whatever spans it passes through, and renames another", async () => {
    start({
      ignoreErrors: [/not mine/, (error) => error instanceof RangeError && "renamed"],
    });
    const noise = new Error("not mine");
    for (const [name, error] of [
      ["inner", noise],
      ["outer", noise],
      ["other", new RangeError("x")],
    ] as const) {
      const span = tracer.startSpan(name);
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    }
    expect((await events()).map(({ properties }) => properties["error_tag"])).toEqual(["renamed"]);
    expect(mirror.stats().dropped).toEqual({ ignored: 1 });
    for (const { status } of exporter.getFinishedSpans())
      expect(status.code).toBe(SpanStatusCode.ERROR);
  });

  it("gathers the runs of handlers beyond the rate, including failed ones", async () => {
    start({ mirror: ["handler"], throttle: { completionsPerSecond: 1 } });
    for (let i = 0; i < 10; i++) {
      const span = tracer.startSpan("$hover", { kind: SpanKind.SERVER });
      if (i % 2 === 1) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    }
    const runs = (await events()).map(({ properties }) => properties);
    expect(runs.map(({ count, ok, failures }) => ({ count, ok, failures }))).toEqual([
      { count: undefined, ok: true, failures: undefined },
      { count: 9, ok: false, failures: 5 },
    ]);
    expect(mirror.stats()).toMatchObject({ accepted: 10, delivered: 10 });
  });

  it("reports what its throttle held back, at shutdown at the latest", async () => {
    start({ throttle: { perSecond: 1, errorCap: 1 } });
    for (let i = 0; i < 5; i++) {
      const span = tracer.startSpan(`failed ${i}`);
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    }
    await mirror.shutdown();
    const [report] = receiver.events().filter(({ event }) => event.endsWith(":throttle-dropped"));
    expect(report).toMatchObject({
      event: "land:common:throttle-dropped",
      properties: { dropped: 4, exception_global_limit: 1 },
    });
  });

  it("deletes what it had on disk if the pipe is turned off", async () => {
    const directory = mkdtempSync(join(tmpdir(), "land-"));
    const host = "http://127.0.0.1:9";
    start({ spool: { directory }, posthog: { host } });
    const span = tracer.startSpan("failed");
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
    await mirror.shutdown();
    const files = (): string[] =>
      readdirSync(directory, { recursive: true })
        .map(String)
        .filter((file) => /ndjson|spool/.test(file));
    expect(mirror.stats().spooled).toBe(1);
    expect(files()).not.toEqual([]);
    start({ spool: { directory }, posthog: { host, enabled: false } });
    expect(files()).toEqual([]);
    rmSync(directory, { recursive: true });
  });
});
