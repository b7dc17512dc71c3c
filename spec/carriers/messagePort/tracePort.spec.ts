import { EventEmitter, once } from "node:events";
import { MessageChannel, Worker } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { SpanStatusCode } from "@opentelemetry/api";
import fc from "fast-check";
import { traceHandler } from "../../../lib/handlers/traceHandler.js";
import { injectWorkerData, tracePort, workerContext } from "../../../lib/messagePort.js";
import { globalState } from "../../../lib/shared/globalState.js";
import { withSpan } from "../../../lib/tracing/withSpan.js";
import { bundle } from "../../support/bundle.js";
import type { TestTelemetry } from "../../support/telemetry.js";
import { activeSpanId, startTelemetry } from "../../support/telemetry.js";

type Answer = Record<string, unknown> & { id: number };

let telemetry: TestTelemetry;
beforeEach(() => {
  telemetry = startTelemetry();
});
afterEach(() => telemetry.stop());

describe("tracePort, in one thread", () => {
  let near: MessagePort;
  let far: MessagePort;
  beforeEach(() => {
    const { port1, port2 } = new MessageChannel();
    near = port1;
    far = port2;
  });
  afterEach(() => near.close());

  async function received(port: MessagePort): Promise<unknown> {
    const [value] = (await once(port, "message")) as [unknown];
    return value;
  }

  test.each<[string, (port: MessagePort, listener: (value: unknown) => void) => void]>([
    ["on", (port, listener) => port.on("message", listener)],
    ["addListener", (port, listener) => port.addListener("message", listener)],
    ["once", (port, listener) => port.once("message", listener)],
    [
      "addEventListener",
      (port, listener) => {
        listen(port, (event: MessageEvent) => listener(event.data));
        port.start();
      },
    ],
    [
      "a listener object",
      (port, listener) => {
        listen(port, { handleEvent: (event: MessageEvent) => listener(event.data) });
        port.start();
      },
    ],
    [
      "onmessage",
      (port, listener) => {
        Reflect.set(port, "onmessage", (event: MessageEvent) => listener(event.data));
        port.start();
      },
    ],
  ])(
    "a listener added by %s runs in the sender's context and sees the sender's value",
    async (_way, add) => {
      tracePort(near);
      tracePort(far);
      const seen = new Promise((resolve) => add(far, (value) => resolve([value, activeSpanId()])));
      const value = { a: [1] };
      const sender = withSpan("sender", (span) => {
        near.postMessage(value);
        return span.spanContext().spanId;
      });
      expect(await seen).toEqual([{ a: [1] }, sender]);
      expect(Object.keys(value)).toEqual(["a"]);
    },
  );

  test("listeners get the same value and context, once if added twice, never if removed", async () => {
    tracePort(near);
    tracePort(tracePort(far));
    const seen: unknown[] = [];
    const first = (value: unknown): number => seen.push([value, activeSpanId()]);
    const removed = (): number => seen.push("removed");
    far.on("message", first);
    far.addListener("message", first);
    far.on("message", (value: unknown) => seen.push([value, activeSpanId()]));
    far.on("message", removed);
    far.off("message", removed);
    listen(far, removed);
    far.removeEventListener("message", removed);
    const id = withSpan(
      "sender",
      (span) => (near.postMessage({ x: 1 }), span.spanContext().spanId),
    );
    await received(far);
    expect(seen).toEqual([
      [{ x: 1 }, id],
      [{ x: 1 }, id],
    ]);
    expect((seen[0] as unknown[])[0]).toBe((seen[1] as unknown[])[0]);
  });

  test("a second call does nothing", () => {
    const { postMessage, on } = tracePort(near);
    expect(tracePort(near)).toBe(near);
    expect([near.postMessage, near.on]).toEqual([postMessage, on]);
  });

  test("listeners have the port as `this`, and onmessage reads as it was set", async () => {
    tracePort(near);
    tracePort(far);
    const seen = new Promise((resolve) => {
      far.on("message", function (this: unknown) {
        resolve(this);
      });
    });
    near.postMessage({ a: 1 });
    expect(await seen).toBe(far);
    const listener = (): void => undefined;
    Reflect.set(far, "onmessage", listener);
    expect(Reflect.get(far, "onmessage")).toBe(listener);
    Reflect.set(far, "onmessage", null);
    expect(Reflect.get(far, "onmessage")).toBeNull();
  });

  test("a failure's text carries the mark of that failure just below, and of no other", async () => {
    tracePort(near);
    const sent = async (error: string): Promise<unknown> => {
      withSpan("sender", () => {
        expect(() =>
          withSpan("work", () => {
            throw new Error("disk full");
          }),
        ).toThrow();
        near.postMessage({ error });
      });
      return received(far);
    };
    expect(await sent("disk full")).toMatchObject({ "_land-counted": expect.any(String) });
    expect(await sent("no such key")).not.toHaveProperty("_land-counted");
  });

  test("a counted Error carries its mark under any name among a value's first members", async () => {
    tracePort(near);
    const error = new RangeError("too far");
    const fail = (): never => {
      throw error;
    };
    const sent = async (value: object): Promise<unknown> => {
      withSpan("sender", () => near.postMessage(value));
      return received(far);
    };
    expect(await sent({ cause: error })).not.toHaveProperty("_land-counted");
    expect(() => withSpan("work", fail)).toThrow(error);
    expect(await sent({ cause: error })).toHaveProperty("_land-counted");
    const many = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`k${index}`, index]));
    expect(await sent({ ...many, cause: error })).not.toHaveProperty("_land-counted");
  });

  test("an untraced side sees the keys, and a traced one that gets none runs as before", async () => {
    tracePort(near);
    withSpan("sender", () => near.postMessage({ a: 1 }));
    expect(await received(far)).toEqual({
      a: 1,
      _traceparent: expect.stringMatching(/^00-/) as string,
      _baggage: expect.any(String) as string,
    });
    const back = new Promise((resolve) =>
      near.on("message", (value: unknown) => resolve([value, activeSpanId()])),
    );
    far.postMessage({ b: 1 });
    expect(await back).toEqual([{ b: 1 }, undefined]);
  });

  test.each<[string, unknown]>([
    ["a number", 1],
    ["a text", "x"],
    ["null", null],
    ["an array", [1, { a: 1 }]],
    ["a Map", new Map([[1, 2]])],
    ["a Date", new Date(5)],
    ["bytes", new Uint8Array([1, 2])],
    ["an Error", new RangeError("plain")],
  ])("%s arrives as without tracing", async (_what, value) => {
    tracePort(near);
    withSpan("sender", () => near.postMessage(value));
    expect(await received(far)).toEqual(structuredClone(value));
  });

  test("cycles, shared parts and instances are cloned as without tracing; frozen values arrive", async () => {
    tracePort(near);
    tracePort(far);
    class Instance {
      self = this;
      readonly child = { parent: this };
    }
    const value = new Instance();
    withSpan("sender", () => near.postMessage(value));
    const clone = (await received(far)) as Instance;
    expect(clone.self).toBe(clone);
    expect(clone.child.parent).toBe(clone);
    expect(Object.keys(value)).toEqual(["self", "child"]);

    const seen = new Promise((resolve) =>
      far.once("message", (frozen: unknown) => resolve([frozen, activeSpanId()])),
    );
    const id = withSpan(
      "sender",
      (span) => (near.postMessage(Object.freeze({ a: 1 })), span.spanContext().spanId),
    );
    expect(await seen).toEqual([{ a: 1 }, id]);
  });

  test("objects in the transfer list are transferred, even a traced port", async () => {
    tracePort(near);
    tracePort(far);
    const buffer = new ArrayBuffer(4);
    const channel = new MessageChannel();
    tracePort(channel.port1);
    withSpan("sender", () =>
      near.postMessage({ buffer, port: channel.port1 }, [buffer, channel.port1]),
    );
    const clone = (await received(far)) as { buffer: ArrayBuffer; port: MessagePort };
    expect([buffer.byteLength, clone.buffer.byteLength]).toEqual([0, 4]);
    const answer = received(channel.port2);
    clone.port.postMessage("through");
    expect(await answer).toBe("through");
    channel.port2.close();
  });

  test("a value that cannot be cloned throws as without tracing, and stays unchanged", () => {
    tracePort(near);
    const value = { work: () => undefined };
    withSpan("sender", () => expect(() => near.postMessage(value)).toThrow(/could not be cloned/));
    expect(Object.keys(value)).toEqual(["work"]);
  });

  test("hostile values stay unchanged, and throw only what postMessage itself would throw", async () => {
    const plain = new MessageChannel();
    tracePort(near);
    const count = { near: 0, plain: 0 };
    far.on("message", () => count.near++);
    plain.port2.on("message", () => count.plain++);
    const keyed = fc.dictionary(
      fc.constantFrom("_traceparent", "__proto__", "error", "a", "_land-counted"),
      fc.anything(),
    );
    withSpan("sender", () =>
      fc.assert(
        fc.property(
          fc.oneof(
            fc.anything({ withNullPrototype: true, withMap: true }),
            keyed,
            keyed.map((value) => Object.freeze(value)),
          ),
          (value) => {
            const before = Object.getOwnPropertyNames(Object(value));
            expect(thrownBy(() => near.postMessage(value))).toBe(
              thrownBy(() => plain.port1.postMessage(value)),
            );
            expect(Object.getOwnPropertyNames(Object(value))).toEqual(before);
          },
        ),
      ),
    );
    const proxy = new Proxy(
      {},
      { get: trap, ownKeys: trap, has: trap, getOwnPropertyDescriptor: trap, defineProperty: trap },
    );
    expect(thrownBy(() => near.postMessage(proxy))).toBe(
      thrownBy(() => plain.port1.postMessage(proxy)),
    );
    near.postMessage("last");
    plain.port1.postMessage("last");
    await Promise.all([until(far), until(plain.port2)]);
    expect(count.near).toBe(count.plain);
    plain.port1.close();
  });

  test("a malformed mark and malformed keys are removed and ignored", async () => {
    tracePort(far);
    const before = globalState().childFailures.size;
    const seen = new Promise((resolve) =>
      far.on("message", (value: unknown) => resolve([value, activeSpanId()])),
    );
    near.postMessage({
      error: "x",
      _traceparent: "nonsense",
      _tracestate: 5,
      _baggage: {},
      "_land-counted": "a".repeat(49),
    });
    expect(await seen).toEqual([{ error: "x" }, undefined]);
    expect(globalState().childFailures.size).toBe(before);
  });
});

describe("tracePort, between threads", () => {
  const workers: Worker[] = [];
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
  });

  async function start(
    data?: unknown,
  ): Promise<{ worker: Worker; ask: (work: object) => Promise<Answer>; first: Answer }> {
    const worker = tracePort(
      new Worker(await bundle("spec/carriers/messagePort/worker.child.ts"), { workerData: data }),
    );
    workers.push(worker);
    const waiting = new Map<number, (answer: Answer) => void>();
    const first = new Promise<Answer>((resolve) => waiting.set(-1, resolve));
    worker.on("message", (answer: Answer) => waiting.get(answer.id)?.(answer));
    let next = 0;
    const ask = (work: object): Promise<Answer> =>
      new Promise((resolve) => {
        const id = next++;
        waiting.set(id, resolve);
        worker.postMessage({ id, ...work });
      });
    return { worker, ask, first: await first };
  }

  test("1,000 interleaved messages: each handler and listener runs under the span that asked", async () => {
    const { ask } = await start();
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) =>
        withSpan(`caller ${index}`, async (span) => {
          const answer = await ask({ steps: index % 5 });
          expect(activeSpanId()).toBe(span.spanContext().spanId);
          return { answer, caller: span.spanContext() };
        }),
      ),
    );
    for (const { answer, caller } of answers) {
      expect(answer).toMatchObject({
        traceId: caller.traceId,
        outside: caller.spanId,
        parentId: caller.spanId,
        session: "session",
      });
      expect(answer["keys"]).toEqual(["id", "steps"]);
    }
  });

  test("workerData carries the context in which the worker was started, beside the data", async () => {
    const id = await withSpan("starting", async (span) => {
      const { first } = await start(injectWorkerData({ a: 1 }));
      expect(first).toMatchObject({ started: span.spanContext().spanId, data: { a: 1 } });
      return span.spanContext().spanId;
    });
    expect(id).toBe(telemetry.span("starting").spanContext().spanId);
    expect((await start()).first["started"]).toBeUndefined();
    expect(injectWorkerData([1])).toEqual([1]);
    expect(activeSpanId(workerContext())).toBeUndefined();
  });

  test("an untraced worker still answers", async () => {
    const { ask } = await start({ untraced: true });
    const answer = await withSpan("caller", () => ask({}));
    expect(answer["keys"]).toEqual(["id", "_traceparent", "_baggage"]);
  });

  test.each(["error", "text", "thrown"])(
    "a failure counted in the worker is counted again only if it is answered in another span: %s",
    async (fail) => {
      const { ask } = await start();
      const failing = withSpan("outer", () =>
        withSpan("caller", async () => {
          const { error, counted } = await ask({ fail });
          expect(counted).toEqual(["work"]);
          throw error instanceof Error
            ? error
            : new Error(typeof error === "string" ? error : (error as Error).message);
        }),
      );
      await expect(failing).rejects.toThrow(`failed ${fail}`);
      expect(telemetry.span("caller").status.code).toBe(SpanStatusCode.ERROR);
      // An answer posted inside a span of its own carries no mark of what failed before that span.
      expect(telemetry.counted).toEqual(fail === "thrown" ? ["caller"] : []);
    },
  );

  test("an Error counted in the worker is not counted again, wherever it is rethrown", async () => {
    const { ask } = await start();
    const { error } = await withSpan("caller", () => ask({ fail: "error" }));
    const elsewhere = (): void =>
      withSpan("elsewhere", () => {
        throw error;
      });
    expect(elsewhere).toThrow("failed error");
    expect(telemetry.counted).toEqual([]);
  });

  test("a Worker's other events work as before, and other emitters are traced too", async () => {
    const { worker } = await start();
    const exit = once(worker, "exit");
    await worker.terminate();
    expect(await exit).toEqual([1]);
    const emitter = tracePort(Object.assign(new EventEmitter(), { postMessage: () => undefined }));
    const seen: unknown[] = [];
    emitter.on(
      "message",
      traceHandler("handled", (value: unknown) => seen.push(value)),
    );
    expect(
      emitter.emit("message", { a: 1, _traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` }),
    ).toBe(true);
    expect(seen).toEqual([{ a: 1 }]);
    expect(telemetry.span("handled").parentSpanContext?.spanId).toBe("b".repeat(16));
  });
});

function trap(): never {
  throw new Error("trap");
}

function thrownBy(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as Error).name;
  }
}

/** Node's types declare a port's `addEventListener` differently. */
function listen(port: MessagePort, listener: unknown): void {
  port.addEventListener("message", listener as () => void);
}

async function until(port: MessagePort): Promise<void> {
  await new Promise<void>((resolve) =>
    port.on("message", (value: unknown) => value === "last" && resolve()),
  );
}
