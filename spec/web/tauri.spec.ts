import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { injectPayload } from "../../lib/carriers/payloads.js";
import { closeFailed } from "../../lib/failures/recordFailure.js";
import * as release from "../../lib/release/tauri.js";
import { globalState } from "../../lib/shared/globalState.js";
import { untraced } from "../../lib/shared/untraced.js";
import { traceInvoke, traceListen } from "../../lib/carriers/tauri.js";
import { withSpan } from "../../lib/tracing/withSpan.js";
import { openCall } from "../../lib/web/openCall.js";
import type { TestTelemetry } from "../support/telemetry.js";
import { startTelemetry } from "../support/telemetry.js";

type Options = { readonly headers?: ConstructorParameters<typeof Headers>[0] };

/** Tauri's `invoke`, which records its arguments. */
let given: unknown[][];
let answer: () => Promise<unknown>;
async function plainInvoke(command: string, payload?: object, options?: Options): Promise<unknown> {
  given.push(payload === undefined ? [command] : [command, payload, options]);
  return answer();
}
const invoke = Object.assign(plainInvoke, { member: "of Tauri's" });

/** Tauri's `listen`, which keeps the handler. */
type Event = { readonly event: string; readonly payload: unknown };
let handle: (event: Event) => unknown;
const listen = (_event: string, handler: (event: Event) => unknown): Promise<string> => {
  handle = handler;
  return Promise.resolve("unlisten");
};

let telemetry: TestTelemetry;
beforeEach(() => {
  given = [];
  answer = () => Promise.resolve("answer");
  telemetry = startTelemetry({ tier: "sky" });
  Object.assign(telemetry.runtime, { closeFailed });
  globalState().openCall = openCall;
});
afterEach(() => {
  telemetry.stop();
  delete globalState().openCall;
});

const traceparentOf = (name: string): string => {
  const { traceId, spanId } = telemetry.span(name).spanContext();
  return `00-${traceId}-${spanId}-01`;
};
const INVOKE = "land:sky:ipc:invoke";
const EVENT = "land:sky:ipc:event";

describe("traceInvoke", () => {
  it("makes a client span for a call, under the active span, and carries it in the headers", async () => {
    const traced = traceInvoke(invoke);
    const args = { method: "fs:read", params: ["/a"] };
    const result = withSpan("land:sky:click", () =>
      traced("MountainIPCInvoke", args, { headers: [["X-Own", "1"]] }),
    );
    expect(await result).toBe("answer");
    const span = telemetry.span(INVOKE);
    expect(span.kind).toBe(SpanKind.CLIENT);
    expect(span.attributes).toEqual({
      "rpc.system.name": "tauri",
      "rpc.method": "MountainIPCInvoke/fs:read",
    });
    expect(span.parentSpanContext?.spanId).toBe(
      telemetry.span("land:sky:click").spanContext().spanId,
    );
    const traceparent = traceparentOf(INVOKE);
    const headers = { "x-own": "1", traceparent, baggage: "session.id=session" };
    expect(given).toEqual([["MountainIPCInvoke", args, { headers }]]);
    expect(given[0]?.[1]).toBe(args);
  });

  it("puts the carrier into the top level of the arguments if told to, but not into bytes or lists", async () => {
    const traced = traceInvoke(invoke, { carrier: "arguments" });
    const bytes = new Uint8Array(2);
    const args = { params: [1] };
    const bare = Object.assign(Object.create(null) as object, { path: "a" });
    const payloads = [args, bytes, [1], "text", 7, bare, undefined, null];
    for (const payload of payloads) await traced("command", payload as object);
    const [first, second, third, ...others] = given.map((each) => each[1]);
    const keys = { _traceparent: expect.any(String), _baggage: "session.id=session" };
    expect(first).toEqual({ params: [1], ...keys });
    expect(args).toEqual({ params: [1] });
    expect(second).toBe(bytes);
    expect(third).toEqual([1]);
    expect(others).toEqual(["text", 7, { path: "a", ...keys }, keys, keys]);
  });

  it("ends the span on a rejection or a throw, which is passed on unchanged", async () => {
    const failure = new RangeError("no such method");
    answer = () => Promise.reject(failure);
    await expect(traceInvoke(invoke)("command")).rejects.toBe(failure);
    const thrower = (): Promise<unknown> => {
      throw failure;
    };
    expect(() => void traceInvoke(thrower)()).toThrow(failure);
    const spans = telemetry.spans();
    expect(spans.map(({ status }) => status.code)).toEqual([
      SpanStatusCode.ERROR,
      SpanStatusCode.ERROR,
    ]);
    expect(spans[0]?.attributes["error.type"]).toBe("RangeError");
    expect(telemetry.counted).toHaveLength(1);
  });

  it("looks like the function that it wraps", () => {
    const { name, length, member } = traceInvoke(invoke);
    expect({ name, length, member }).toEqual({
      name: "plainInvoke",
      length: 3,
      member: "of Tauri's",
    });
  });

  it("passes on what cannot be read or carried, and makes no span where tracing is suppressed", async () => {
    const hostile = new Proxy({}, { get: fail, ownKeys: fail, getPrototypeOf: fail });
    for (const carrier of ["headers", "arguments"] as const)
      await traceInvoke(invoke, { carrier })("command", hostile, hostile);
    expect(given).toHaveLength(2);
    for (const [, payload, options] of given)
      expect([payload, options].every((each) => each === hostile)).toBe(true);
    const before = telemetry.spans().length;
    await untraced(() => traceInvoke(invoke)("telemetry"));
    expect(telemetry.spans()).toHaveLength(before);
    expect(given.at(-1)).toEqual(["telemetry"]);
  });

  it.each(["before register", "on Node, and beside an older copy"])(
    "does nothing %s",
    async (when) => {
      if (when === "before register") delete globalState().runtime;
      else delete globalState().openCall;
      expect(await traceInvoke(invoke)("command")).toBe("answer");
      expect(given).toEqual([["command"]]);
      expect(telemetry.spans()).toEqual([]);
    },
  );
});

describe("traceListen", () => {
  it("runs a handler in a span of the trace that its event carries", async () => {
    let spanId: string | undefined;
    const result = traceListen(listen)("sky://opened", () => {
      spanId = trace.getActiveSpan()?.spanContext().spanId;
      return "handled";
    });
    expect(await result).toBe("unlisten");
    const payload = withSpan("land:mountain:open", () => injectPayload({ path: "a" }));
    expect(handle({ event: "sky://opened", payload })).toBe("handled");
    const span = telemetry.span(EVENT);
    const sender = telemetry.span("land:mountain:open").spanContext();
    expect(span.spanContext()).toMatchObject({ traceId: sender.traceId, spanId });
    expect(span.parentSpanContext?.spanId).toBe(sender.spanId);
    expect(span.kind).toBe(SpanKind.CONSUMER);
    expect(span.attributes).toEqual({ "messaging.destination.name": "sky://opened" });
  });

  it.each([null, undefined, "text", [1], { path: "a" }, { _traceparent: "none" }])(
    "passes on unchanged an event whose payload is %p",
    (payload) => {
      const seen: unknown[] = [];
      void traceListen(listen)("any", (event) => seen.push(event));
      const event = { event: "any", payload };
      handle(event);
      expect(seen[0]).toBe(event);
      expect(telemetry.spans()).toEqual([]);
    },
  );

  it("records what a handler rejects with", async () => {
    const failure = new Error("not shown");
    void traceListen(listen)("any", () => Promise.reject(failure));
    const payload = withSpan("land:mountain:open", () => injectPayload({}));
    await expect(handle({ event: "any", payload })).rejects.toBe(failure);
    expect(telemetry.span(EVENT).status.code).toBe(SpanStatusCode.ERROR);
  });
});

it("returns the given functions themselves in a release", () => {
  expect(release.traceInvoke(invoke)).toBe(invoke);
  expect(release.traceListen(listen)).toBe(listen);
});

function fail(): never {
  throw new Error("hostile");
}
