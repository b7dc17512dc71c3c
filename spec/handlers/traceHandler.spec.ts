import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import type { Span } from "@opentelemetry/api";
import { SpanKind, SpanStatusCode, context, trace } from "@opentelemetry/api";
import fc from "fast-check";
import { traceHandler } from "../../lib/handlers/traceHandler.js";
import { globalState } from "../../lib/shared/globalState.js";
import { withSpan } from "../../lib/tracing/withSpan.js";
import { bundle } from "../support/bundle.js";
import type { TestTelemetry } from "../support/telemetry.js";
import { activeSpanId, startTelemetry } from "../support/telemetry.js";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CALLER = "b7ad6b7169203331";
const CARRIER = { traceparent: `00-${TRACE}-${CALLER}-01` };

describe("traceHandler", () => {
  let telemetry: TestTelemetry;
  beforeEach(() => {
    telemetry = startTelemetry();
  });
  afterEach(() => telemetry.stop());

  describe("the wrapper", () => {
    test("keeps `this`, name, length, own properties and kind", () => {
      const meta = Symbol("meta");
      async function provideHover(this: { base: number }, a: number, b: number): Promise<number> {
        return Promise.resolve(this.base + a + b);
      }
      Object.assign(provideHover, { description: "hover", [meta]: 1 });
      const wrapped = traceHandler("m", provideHover);
      expect(Reflect.ownKeys(wrapped).sort(byText)).toEqual(
        Reflect.ownKeys(provideHover).sort(byText),
      );
      expect([wrapped.name, wrapped.length]).toEqual(["provideHover", 2]);
      expect(Object.getOwnPropertyDescriptors(wrapped)).toEqual(
        Object.getOwnPropertyDescriptors(provideHover),
      );
      expect(Object.prototype.toString.call(wrapped)).toBe("[object AsyncFunction]");
      return expect(wrapped.call({ base: 10 }, 1, 2)).resolves.toBe(13);
    });

    test("passes on arguments and result unchanged", () => {
      const given: unknown[] = [];
      const result = {};
      const wrapped = traceHandler("m", (...args: unknown[]) => {
        given.push(...args);
        return result;
      });
      const args = [{}, [], undefined, 3];
      expect(wrapped(...args)).toBe(result);
      args.forEach((arg, index) => expect(given[index]).toBe(arg));
    });

    test("only calls the handler when there is no telemetry", () => {
      delete globalState().runtime;
      expect(traceHandler("m", (a: number) => a + 1)(1)).toBe(2);
    });

    test("returns a value that is not a function unchanged", () => {
      expect(traceHandler("m", undefined as unknown as () => void)).toBeUndefined();
    });
  });

  describe("its span", () => {
    test("is SERVER, named by the method, and a child of the caller in the carrier", () => {
      const wrapped = traceHandler(
        "$hover",
        (_params: object, inside?: { caller: object }) => inside,
        {
          carrier: (_params, meta) => meta?.caller,
          attributes: (params) => ({ "land.count": Object.keys(params).length }),
        },
      );
      wrapped({ a: 1 }, { caller: CARRIER });
      const span = telemetry.span("$hover");
      expect(span.kind).toBe(SpanKind.SERVER);
      expect(span.parentSpanContext).toMatchObject({
        traceId: TRACE,
        spanId: CALLER,
        isRemote: true,
      });
      expect(span.attributes).toEqual({ "rpc.method": "$hover", "land.count": 1 });
    });

    test("is a child of the caller that a payload names", () => {
      const wrapped = traceHandler("m", (payload: object) => payload, {
        carrier: (payload) => payload,
      });
      wrapped({ a: 1, _traceparent: CARRIER.traceparent });
      expect(telemetry.span("m").parentSpanContext).toMatchObject({
        traceId: TRACE,
        spanId: CALLER,
      });
    });

    test("may take its name from the arguments, and has a fallback", () => {
      const wrapped = traceHandler<(method: string) => undefined>(
        (method) => method.trim(),
        () => undefined,
      );
      wrapped(" $a ");
      wrapped(undefined as unknown as string);
      wrapped(" ");
      traceHandler("", () => undefined)();
      traceHandler(7 as unknown as string, () => undefined)();
      expect(telemetry.spans().map((span) => span.name)).toEqual([
        "$a",
        ...Array<string>(4).fill("land:cocoon:handler"),
      ]);
    });

    test("is INTERNAL below a recording SERVER span of this process, and its child", () => {
      const wrapped = traceHandler("inner", () => undefined, { carrier: CARRIER });
      withSpan("grpc", { kind: SpanKind.SERVER }, () => wrapped());
      const inner = telemetry.span("inner");
      expect(inner.kind).toBe(SpanKind.INTERNAL);
      expect(inner.parentSpanContext?.spanId).toBe(telemetry.span("grpc").spanContext().spanId);
    });

    test("is SERVER below a span of another kind, and its child", () => {
      const wrapped = traceHandler("inner", () => undefined);
      withSpan("client", { kind: SpanKind.CLIENT }, () => wrapped());
      expect(telemetry.span("inner").kind).toBe(SpanKind.SERVER);
      expect(telemetry.span("inner").parentSpanContext?.spanId).toBe(
        telemetry.span("client").spanContext().spanId,
      );
    });

    test("is a child of a live span, but not of an ended one, if the carrier names no caller", () => {
      const wrapped = traceHandler("handler", (): void => undefined, { carrier: () => ({}) });
      withSpan("dispatch", () => wrapped());
      let stale = context.active();
      withSpan("boot", { kind: SpanKind.SERVER }, () => {
        stale = context.active();
      });
      context.with(stale, wrapped);
      const [live, own] = telemetry.spans().filter((span) => span.name === "handler");
      expect(live?.parentSpanContext?.spanId).toBe(telemetry.span("dispatch").spanContext().spanId);
      expect(own?.parentSpanContext).toBeUndefined();
      expect(own?.kind).toBe(SpanKind.SERVER);
    });

    test("does without the options that throw", () => {
      const fail = (): never => {
        throw new Error("option");
      };
      const options = { carrier: fail, attributes: fail, errorFromResult: fail };
      expect(traceHandler(fail, () => 4, options)()).toBe(4);
      expect(telemetry.span("land:cocoon:handler").status.code).toBe(SpanStatusCode.UNSET);
    });
  });

  describe("failures", () => {
    test.each([
      [
        "throw",
        () => {
          throw FAILURE;
        },
      ],
      ["rejection", () => Promise.reject(FAILURE)],
    ])(
      "a %s is recorded and reaches the caller as the same object",
      async (_kind, handler: () => Promise<never>) => {
        const wrapped = traceHandler("m", handler);
        await expect((async (): Promise<never> => await wrapped())()).rejects.toBe(FAILURE);
        expect(telemetry.span("m").status).toEqual({
          code: SpanStatusCode.ERROR,
          message: "refused",
        });
        expect(telemetry.span("m").attributes["error.type"]).toBe("TypeError");
      },
    );

    test("a result is a failure if errorFromResult says so, sync or async", async () => {
      const result = { error: { name: "NotFound", message: "gone" } };
      const options = { errorFromResult: (answer: { error: unknown }) => answer.error };
      expect(traceHandler("sync", () => result, options)()).toBe(result);
      expect(await traceHandler("async", () => Promise.resolve(result), options)()).toBe(result);
      expect(traceHandler("fine", () => ({ error: null }), options)()).toEqual({ error: null });
      for (const name of ["sync", "async"]) {
        expect(telemetry.span(name).status).toEqual({
          code: SpanStatusCode.ERROR,
          message: "gone",
        });
        expect(telemetry.span(name).attributes["error.type"]).toBe("NotFound");
      }
      expect(telemetry.span("fine").status.code).toBe(SpanStatusCode.UNSET);
    });
  });

  describe("cancellation", () => {
    const wait = (_method: string, _params: unknown, signal: AbortSignal): Promise<void> =>
      turn(undefined, { signal });
    const cases: [string, (signal: AbortSignal) => unknown, boolean][] = [
      ["the signal's reason", (signal) => signal.reason as unknown, true],
      [
        "an AbortError caused by it",
        (signal) => Object.assign(new Error("x", { cause: signal.reason }), { name: "AbortError" }),
        true,
      ],
      [
        "an AbortError that names nothing",
        () => Object.assign(new Error("x"), { name: "AbortError" }),
        true,
      ],
      ["another controller's abort", () => AbortSignal.abort().reason as unknown, false],
      [
        "an AbortError caused by another",
        () => Object.assign(new Error("x", { cause: new Error("y") }), { name: "AbortError" }),
        false,
      ],
      ["any other failure", () => new Error("x"), false],
    ];

    test("an abort through the handler's own signal leaves the status unset", async () => {
      const controller = new AbortController();
      const call = traceHandler((method: string) => method, wait)("$slow", {}, controller.signal);
      controller.abort();
      await expect(call).rejects.toThrow("abort");
      expect(telemetry.span("$slow").status.code).toBe(SpanStatusCode.UNSET);
      expect(telemetry.span("$slow").attributes["land.cancelled"]).toBe(true);
      expect(telemetry.span("$slow").events).toEqual([]);
      expect(telemetry.counted).toEqual([]);
    });

    test.each(cases)(
      "a failure after the abort is a cancellation or an error, by its cause: %s",
      async (_what, failure, cancelled) => {
        const signal = AbortSignal.abort();
        const handler = async (own: AbortSignal): Promise<never> => {
          await turn();
          throw failure(own);
        };
        await expect(traceHandler("m", handler)(signal)).rejects.toBeDefined();
        expect(telemetry.span("m").attributes["land.cancelled"]).toBe(cancelled ? true : undefined);
        expect(telemetry.span("m").status.code).toBe(
          cancelled ? SpanStatusCode.UNSET : SpanStatusCode.ERROR,
        );
      },
    );

    test("an AbortError is an error if the handler's own signal is not aborted", async () => {
      const handler = (): Promise<void> => turn(undefined, { signal: AbortSignal.abort() });
      await expect(
        traceHandler<(signal: AbortSignal) => Promise<void>>(
          "m",
          handler,
        )(new AbortController().signal),
      ).rejects.toThrow();
      expect(telemetry.span("m").status.code).toBe(SpanStatusCode.ERROR);
    });

    test("a handler that answers despite the abort is not cancelled", () => {
      traceHandler<(signal: AbortSignal) => number>("m", () => 1)(AbortSignal.abort());
      expect(telemetry.span("m").attributes["land.cancelled"]).toBeUndefined();
    });

    test("spans inside the handler see the same cancellation", async () => {
      const controller = new AbortController();
      const handler = (signal: AbortSignal): Promise<void> =>
        withSpan("inner", () => turn(undefined, { signal }));
      const call = traceHandler("m", handler)(controller.signal);
      controller.abort();
      await expect(call).rejects.toThrow();
      expect(telemetry.span("inner").attributes["land.cancelled"]).toBe(true);
    });

    test("a VS Code cancellation token counts as a signal", async () => {
      const token = { isCancellationRequested: false, onCancellationRequested: () => undefined };
      const handler = async (own: typeof token): Promise<void> => {
        await turn();
        if (own.isCancellationRequested)
          throw Object.assign(new Error("Canceled"), { name: "Canceled" });
      };
      const call = traceHandler("m", handler)(token);
      token.isCancellationRequested = true;
      await expect(call).rejects.toThrow("Canceled");
      expect(telemetry.span("m").attributes["land.cancelled"]).toBe(true);
    });
  });

  describe("notifications", () => {
    test.each(["bare", "traced", "withSpan"])(
      "a rejection that nobody handles is reported by Node once: %s",
      async (how) => {
        const script = await bundle("spec/handlers/notification.child.ts");
        const { status, stdout } = spawnSync(process.execPath, [script, how], { encoding: "utf8" });
        expect({ status, stdout }).toEqual({ status: 0, stdout: '["refused"]' });
      },
    );

    test.each(["bare", "traced", "withSpan"])(
      "a rejection that somebody handles is not reported at all: %s",
      async (how) => {
        const script = await bundle("spec/handlers/notification.child.ts");
        const { status, stdout } = spawnSync(process.execPath, [script, how, "handled"], {
          encoding: "utf8",
        });
        expect({ status, stdout }).toEqual({ status: 0, stdout: "[]" });
      },
    );
  });

  describe("generators", () => {
    const inside = (): { id: string | undefined } => ({ id: activeSpanId() });
    async function* stepped(): AsyncGenerator<
      { id: string | undefined },
      string,
      string | undefined
    > {
      yield inside();
      await turn();
      yield inside();
      return "end";
    }

    test("each async step runs in the span, while the consumer keeps its own", async () => {
      await withSpan("consumer", async (consumer: Span) => {
        const steps = traceHandler("steps", stepped)();
        await turn();
        const seen: unknown[] = [];
        for await (const step of steps) {
          seen.push(step.id);
          expect(activeSpanId()).toBe(consumer.spanContext().spanId);
        }
        const id = telemetry.span("steps").spanContext().spanId;
        expect(seen).toEqual([id, id]);
      });
      expect(telemetry.span("steps").status.code).toBe(SpanStatusCode.UNSET);
    });

    test("the consumer gets the generator that the handler made, and its return value", async () => {
      const made = stepped();
      const steps = traceHandler("steps", () => made)();
      expect(steps).toBe(made);
      expect(Object.keys(steps)).toEqual([]);
      await steps.next();
      await steps.next("in");
      expect(await steps.next()).toEqual({ done: true, value: "end" });
      expect(telemetry.span("steps").ended).toBe(true);
    });

    test("stopping early runs the cleanup in the span, and ends it without an error", async () => {
      let cleanedIn: string | undefined;
      const steps = traceHandler("steps", async function* () {
        try {
          yield 1;
          yield 2;
        } finally {
          await turn();
          cleanedIn = activeSpanId();
        }
      })();
      for await (const step of steps) {
        expect(step).toBe(1);
        expect(telemetry.spans()).toEqual([]);
        break;
      }
      expect(cleanedIn).toBe(telemetry.span("steps").spanContext().spanId);
      expect(telemetry.span("steps").status.code).toBe(SpanStatusCode.UNSET);
    });

    test("a failing step fails the span; an abort of the handler's own signal cancels it", async () => {
      const failing = traceHandler("failing", async function* () {
        yield 1;
        await turn();
        throw FAILURE;
      })();
      await expect(collect(failing)).rejects.toBe(FAILURE);
      expect(telemetry.span("failing").status.code).toBe(SpanStatusCode.ERROR);

      const controller = new AbortController();
      const aborted = traceHandler("aborted", async function* (signal: AbortSignal) {
        yield 1;
        await turn(undefined, { signal });
      })(controller.signal);
      await aborted.next();
      controller.abort();
      await expect(aborted.next()).rejects.toThrow();
      expect(telemetry.span("aborted").attributes["land.cancelled"]).toBe(true);
    });

    test("a promised generator is traced too, and throwing into it fails the span", async () => {
      const steps = await traceHandler("steps", () => Promise.resolve(stepped()))();
      await steps.next();
      expect(telemetry.spans()).toEqual([]);
      await expect(steps.throw(FAILURE)).rejects.toBe(FAILURE);
      expect(telemetry.span("steps").status.code).toBe(SpanStatusCode.ERROR);
    });

    test("sync generators work the same way", () => {
      const steps = traceHandler("steps", function* () {
        yield activeSpanId();
        yield activeSpanId();
      });
      const seen = [...steps()];
      const id = telemetry.span("steps").spanContext().spanId;
      expect(seen).toEqual([id, id]);

      const [first] = traceHandler("early", function* () {
        yield 1;
        yield 2;
      })();
      expect(first).toBe(1);
      expect(telemetry.span("early").ended).toBe(true);
    });

    test("async disposal, as by `await using`, runs in the span and ends it", async () => {
      const { asyncDispose } = Symbol as unknown as { asyncDispose: symbol };
      let disposedIn: string | undefined;
      const resource = Object.assign(stepped(), {
        [asyncDispose]: async () => {
          await turn();
          disposedIn = activeSpanId();
        },
      });
      const steps = traceHandler("steps", () => resource)();
      await (steps as unknown as Record<symbol, () => Promise<void>>)[asyncDispose]?.();
      expect(disposedIn).toBe(telemetry.span("steps").spanContext().spanId);
    });

    test("a frozen iterator is returned unchanged, and the span ends with the call", () => {
      const frozen = Object.freeze({
        next: () => ({ done: true, value: 1 }),
        [Symbol.iterator]: () => frozen,
      });
      expect(traceHandler("frozen", (): unknown => frozen)()).toBe(frozen);
      expect(telemetry.span("frozen").ended).toBe(true);
    });
  });

  describe("Node streams", () => {
    test("reads run in the span, which ends with the stream", async () => {
      const seen: unknown[] = [];
      const made = new Readable({
        objectMode: true,
        read() {
          seen.push(activeSpanId());
          void turn().then(() => this.push(seen.length < 3 ? seen.length : null));
        },
      });
      const stream = traceHandler("stream", () => made)();
      expect(stream).toBe(made);
      await turn();
      expect(telemetry.spans()).toEqual([]);
      expect(await collect(stream)).toEqual([1, 2]);
      await closed(stream);
      const id = telemetry.span("stream").spanContext().spanId;
      expect(new Set(seen)).toEqual(new Set([id]));
    });

    test("the consumer of a stream keeps its own context", async () => {
      await withSpan("consumer", async (consumer: Span) => {
        const stream = traceHandler("stream", () => Readable.from([1, 2, 3]))();
        for await (const chunk of stream) {
          expect(chunk).toEqual(expect.any(Number));
          expect(activeSpanId()).toBe(consumer.spanContext().spanId);
        }
      });
    });

    test("leaving a loop early ends the span without an error", async () => {
      const stream = traceHandler("stream", () => Readable.from([1, 2, 3]))();
      for await (const chunk of stream) {
        expect(chunk).toBe(1);
        break;
      }
      await closed(stream);
      expect(telemetry.span("stream").status.code).toBe(SpanStatusCode.UNSET);
      expect(telemetry.span("stream").attributes["land.cancelled"]).toBeUndefined();
    });

    test("destroying a stream that nobody reads ends the span", async () => {
      const stream = traceHandler("stream", () => new Readable({ read: () => undefined }))();
      const close = once(stream, "close");
      stream.destroy();
      await close;
      expect(telemetry.span("stream").status.code).toBe(SpanStatusCode.UNSET);
    });

    test("a stream that never closes ends the span at its end event", async () => {
      const stream = traceHandler(
        "stream",
        () =>
          new Readable({
            autoDestroy: false,
            read() {
              this.push(null);
            },
          }),
      )();
      const end = once(stream, "end");
      stream.resume();
      await end;
      expect(telemetry.span("stream").ended).toBe(true);
    });

    test("an AbortError without a cause is a cancellation if the handler's signal was aborted", async () => {
      const controller = new AbortController();
      const stream = traceHandler(
        "stream",
        (...given: AbortSignal[]) => new Readable({ read: () => given }),
      )(controller.signal);
      const failure = once(stream, "error");
      controller.abort();
      stream.destroy(
        Object.assign(new Error("aborted"), { name: "AbortError", code: "ABORT_ERR" }),
      );
      await failure;
      expect(telemetry.span("stream").attributes["land.cancelled"]).toBe(true);
    });

    test("a stream destroyed through the handler's signal is cancelled", async () => {
      const controller = new AbortController();
      const stream = traceHandler(
        "stream",
        (signal: AbortSignal) => new Readable({ read: () => undefined, signal }),
      )(controller.signal);
      const error = once(stream, "error");
      controller.abort();
      await error;
      expect(telemetry.span("stream").attributes["land.cancelled"]).toBe(true);
    });

    test("a stream's error fails the span, and no error listener is added", async () => {
      const handled = traceHandler("handled", () => new Readable({ read: () => undefined }))();
      const error = once(handled, "error");
      handled.destroy(FAILURE);
      expect(await error).toEqual([FAILURE]);
      expect(telemetry.span("handled").status.code).toBe(SpanStatusCode.ERROR);
      const unheard = traceHandler("unheard", () => new Readable({ read: () => undefined }))();
      expect(unheard.listenerCount("error")).toBe(0);
    });
  });

  describe("web streams", () => {
    const source = (seen: unknown[]): ReadableStream<number> =>
      new ReadableStream<number>(
        {
          async pull(controller) {
            await turn();
            seen.push(activeSpanId());
            if (seen.length > 3) controller.close();
            else controller.enqueue(seen.length);
          },
        },
        { highWaterMark: 0 },
      );

    test.each<[string, (stream: ReadableStream<number>) => Promise<unknown>]>([
      ["for await", collect],
      ["a reader", (stream) => collectReader(stream.getReader())],
      [
        "pipeThrough",
        (stream) => collect(stream.pipeThrough(new TransformStream<number, number>())),
      ],
      [
        "a Response",
        (stream) =>
          new Response(stream.pipeThrough(lettered()))
            .text()
            .then((text) => Array.from(text, Number)),
      ],
      [
        "a Node stream",
        (stream) => collect(Readable.fromWeb(stream as never, { objectMode: true })),
      ],
      ["tee", async (stream) => (await Promise.all(stream.tee().map(collect)))[0]],
    ])("pulls run in the span when read by %s", async (_way, read) => {
      const seen: unknown[] = [];
      const made = source(seen);
      await withSpan("consumer", async (consumer: Span) => {
        const stream = traceHandler("stream", () => made)();
        expect(stream).toBe(made);
        expect(stream.locked).toBe(false);
        await turn();
        expect(telemetry.spans()).toEqual([]);
        expect(await read(stream)).toEqual([1, 2, 3]);
        expect(activeSpanId()).toBe(consumer.spanContext().spanId);
      });
      expect(new Set(seen)).toEqual(new Set([telemetry.span("stream").spanContext().spanId]));
    });

    test("cancelling, or leaving a loop, ends the span without an error", async () => {
      await traceHandler("cancelled", () => source([]))().cancel("enough");
      for await (const chunk of traceHandler("left", () => source([]))()) {
        expect(chunk).toBe(1);
        break;
      }
      for (const name of ["cancelled", "left"])
        expect(telemetry.span(name).status.code).toBe(SpanStatusCode.UNSET);
    });

    test("a stream's error fails the span and reaches the reader", async () => {
      const failing = (): ReadableStream =>
        new ReadableStream({ pull: () => Promise.reject(FAILURE) });
      await expect(traceHandler("stream", failing)().getReader().read()).rejects.toBe(FAILURE);
      expect(telemetry.span("stream").status.code).toBe(SpanStatusCode.ERROR);
    });

    test("a stream is pulled only when its reader asks, and locked only while it has one", async () => {
      let pulls = 0;
      const made = (): ReadableStream<number> =>
        new ReadableStream(
          {
            pull(controller) {
              controller.enqueue(++pulls);
            },
          },
          { highWaterMark: 0 },
        );
      const stream = traceHandler("stream", made)();
      expect(stream.locked).toBe(false);
      const reader = stream.getReader();
      await turn();
      expect([stream.locked, pulls]).toEqual([true, 0]);
      await reader.read();
      await turn();
      expect(pulls).toBe(1);
      reader.releaseLock();
      expect(stream.locked).toBe(false);
    });

    test("a stream that is already being read ends the span with the call", async () => {
      const made = source([]);
      const reader = made.getReader();
      expect(traceHandler("stream", () => made)()).toBe(made);
      expect(telemetry.span("stream").ended).toBe(true);
      expect((await reader.read()).value).toBe(1);
    });

    test("a byte stream remains one", async () => {
      const bytes = (): ReadableStream<Uint8Array> =>
        new ReadableStream({
          type: "bytes",
          start(controller) {
            controller.enqueue(new Uint8Array([1, 2, 3]));
            controller.close();
          },
        });
      const reader = traceHandler("bytes", bytes)().getReader({ mode: "byob" });
      const { value } = await reader.read(new Uint8Array(2));
      expect([...(value ?? [])]).toEqual([1, 2]);
      expect([...((await reader.read(new Uint8Array(2))).value ?? [])]).toEqual([3]);
      expect((await reader.read(new Uint8Array(2))).done).toBe(true);
      expect(telemetry.span("bytes").ended).toBe(true);
    });
  });

  describe("complete", () => {
    test("captures feature, duration and ok, inside the span", async () => {
      traceHandler("hover", () => 1, { complete: true })();
      await traceHandler("hover", () => Promise.reject(FAILURE), {
        complete: "intelligence",
      })().catch(() => undefined);
      const signal = AbortSignal.abort();
      await traceHandler("slow", (own: AbortSignal) => Promise.reject(own.reason as Error), {
        complete: true,
      })(signal).catch(() => undefined);
      traceHandler("quiet", () => 1)();
      expect(telemetry.events).toEqual([
        event("hover", true, 0),
        event("intelligence", false, 1),
        event("slow", false, 2, { cancelled: true }),
      ]);
      function event(feature: string, ok: boolean, index: number, more = {}): unknown {
        return {
          name: "land:cocoon:handler:complete",
          properties: { feature, duration_ms: expect.any(Number) as number, ok, ...more },
          spanId: telemetry.spans()[index]?.spanContext().spanId,
        };
      }
    });

    test("captures a stream once, at its end", async () => {
      const stream = traceHandler("stream", () => Readable.from([1]), { complete: true })();
      expect(telemetry.events).toEqual([]);
      await collect(stream);
      await closed(stream);
      expect(telemetry.events).toHaveLength(1);
    });
  });

  test("1,000 interleaved calls, promises and generators, keep their own span in every step", async () => {
    const wrapped = traceHandler(
      (index: number) => `call ${index}`,
      async function* (index: number) {
        expect(index % 2).toBe(0);
        for (let step = 0; step < 3; step++) {
          await turn();
          yield activeSpanId();
        }
      },
    );
    const promised = traceHandler(
      (index: number) => `call ${index}`,
      async (index: number) => {
        expect(index % 2).toBe(1);
        for (let step = 0; step < 3; step++) await turn();
        return [activeSpanId()];
      },
    );
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) =>
        index % 2 === 0 ? collect(wrapped(index)) : promised(index),
      ),
    );
    const ids = new Map(telemetry.spans().map((span) => [span.name, span.spanContext().spanId]));
    answers.forEach((seen, index) => {
      for (const id of seen) expect(id).toBe(ids.get(`call ${index}`));
    });
    expect(ids.size).toBe(1_000);
  });

  test("hostile arguments and results reach handler and caller unchanged, whatever the carrier", () => {
    const trap = (): never => {
      throw new Error("trap");
    };
    const hostile = new Proxy(() => undefined, {
      get: trap,
      has: trap,
      ownKeys: trap,
      getPrototypeOf: trap,
      getOwnPropertyDescriptor: trap,
      defineProperty: trap,
      set: trap,
    });
    const circular: Record<string, unknown> = {};
    circular["self"] = circular;
    const own: unknown[] = [
      hostile,
      circular,
      Object.freeze({ next: 1, then: 2 }),
      {
        get then() {
          return trap();
        },
      },
    ];
    const anything = fc.anything({
      withNullPrototype: true,
      withBigInt: true,
      withSparseArray: true,
    });
    // Chosen by index, because fast-check itself would inspect the hostile ones.
    const choice = fc.tuple(fc.integer({ min: -4, max: own.length - 1 }), anything, fc.boolean());
    const valueOf = ([index, value, frozen]: [number, unknown, boolean]): unknown =>
      index >= 0 ? own[index] : frozen ? Object.freeze(value) : value;
    fc.assert(
      fc.property(
        fc.array(choice, { maxLength: 4 }),
        choice,
        choice,
        (chosenArgs, chosenCarrier, chosenResult) => {
          const args = chosenArgs.map(valueOf);
          const carrier = valueOf(chosenCarrier);
          const result = valueOf(chosenResult);
          const given: unknown[] = [];
          const handler = (...own: unknown[]): unknown => {
            given.push(...own);
            return result;
          };
          const returned: unknown = traceHandler("m", handler, { carrier: () => carrier })(...args);
          expect(Object.is(returned, result)).toBe(true);
          expect(given.length).toBe(args.length);
          given.forEach((value, index) => expect(Object.is(value, args[index])).toBe(true));
        },
      ),
    );
  });

  test("the carrier's trace is active in the handler, and no span is active afterwards", () => {
    const seen: unknown[] = [];
    traceHandler("m", () => seen.push(trace.getActiveSpan()?.spanContext().traceId), {
      carrier: CARRIER,
    })();
    expect(seen).toEqual([TRACE]);
    expect(activeSpanId()).toBeUndefined();
  });
});

const FAILURE = new TypeError("refused");

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function collectReader<T>(reader: ReadableStreamDefaultReader<T>): Promise<T[]> {
  const all: T[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return all;
    all.push(value);
  }
}

function lettered(): TransformStream<number, Uint8Array> {
  return new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(new TextEncoder().encode(String(chunk)));
    },
  });
}

/** Not `once`, which would reject on an error. */
async function closed(stream: Readable): Promise<void> {
  if (!stream.closed) await new Promise((resolve) => stream.on("close", resolve));
}

function byText(a: string | symbol, b: string | symbol): number {
  return String(a) < String(b) ? -1 : 1;
}
