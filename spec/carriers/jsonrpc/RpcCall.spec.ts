import { ROOT_CONTEXT, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import type { CallSide } from "../../../lib/carriers/jsonrpc/RpcCall.js";
import { OpenCalls, RpcCall } from "../../../lib/carriers/jsonrpc/RpcCall.js";
import type { TestTelemetry } from "../../support/telemetry.js";
import { startTelemetry } from "../../support/telemetry.js";

let telemetry: TestTelemetry;
let calls: OpenCalls;
beforeEach(() => {
  telemetry = startTelemetry();
  calls = new OpenCalls();
});
afterEach(() => telemetry.stop());

const call = (method: string, side: CallSide = "caller"): RpcCall =>
  new RpcCall(telemetry.runtime, method, side, ROOT_CONTEXT);

describe("requests that have no response yet", () => {
  it("are found by their id, and taken once", () => {
    const hover = call("hover");
    calls.add(0, hover);
    expect([calls.get(0), calls.get("0"), calls.get(1)]).toEqual([hover, undefined, undefined]);
    expect([calls.take(0), calls.take(0), calls.get(0)]).toEqual([hover, undefined, undefined]);
  });

  it("are marked, by their id, when their caller cancels them, and stay open", () => {
    const [hover, other] = [call("hover"), call("other")];
    calls.add(0, hover);
    calls.add("a", other);
    for (const id of [0, 1, undefined]) calls.requestCancellation(id, true);
    expect([hover, other].map((open) => open.isCancellationRequested)).toEqual([true, false]);
    expect(telemetry.spans()).toEqual([]);
  });

  it("end as cancelled when their caller cancels them in a protocol that sends no response then", () => {
    calls.add(0, call("hover", "handler"));
    for (const id of [0, 1, undefined]) calls.requestCancellation(id, false);
    expect(calls.get(0)).toBeUndefined();
    expect(telemetry.span("hover")).toMatchObject({
      attributes: { "land.cancelled": true },
      status: { code: SpanStatusCode.UNSET },
    });
  });

  it("end as unanswered, not as failures, when their id is used again", () => {
    calls.add(1, call("first"));
    calls.add(1, call("second"));
    expect(telemetry.span("first")).toMatchObject({
      attributes: { "land.unanswered": true },
      status: { code: SpanStatusCode.UNSET },
    });
    expect(telemetry.spans()).toHaveLength(1);
  });

  it("end as unanswered, the oldest first, when there are more than ten thousand", () => {
    for (let id = 0; id < 10_000; id++) calls.add(id, call(`m${id}`));
    expect(telemetry.spans()).toEqual([]);
    calls.add("one more", call("one more"));
    expect(telemetry.spans().map(({ name }) => name)).toEqual(["m0"]);
    expect([calls.get(0) === undefined, calls.get(1) === undefined]).toEqual([true, false]);
  });

  it("fail at the caller, and are cancelled at the handler, when the connection is lost", () => {
    calls.add(1, call("asked"));
    calls.add(2, call("answering", "handler"));
    calls.lose();
    expect(telemetry.span("asked")).toMatchObject({
      kind: SpanKind.CLIENT,
      status: { code: SpanStatusCode.ERROR },
      attributes: { "error.type": "-32097", "rpc.status_code": "-32097" },
    });
    expect(telemetry.span("answering")).toMatchObject({
      kind: SpanKind.SERVER,
      status: { code: SpanStatusCode.UNSET },
      attributes: { "land.cancelled": true },
    });
    calls.lose();
    expect(telemetry.spans()).toHaveLength(2);
    expect(calls.get(1)).toBeUndefined();
  });
});

describe("the answer to a request", () => {
  it.each<[string, boolean, { code: number | undefined; message: string } | undefined, object]>([
    ["a result", false, undefined, { "rpc.method": "m" }],
    [
      "an error",
      false,
      { code: -32601, message: "no such method" },
      { "rpc.status_code": "-32601", "error.type": "-32601" },
    ],
    [
      "an error without a code",
      false,
      { code: undefined, message: "no" },
      { "error.type": "Object" },
    ],
    [
      "a cancellation that was asked for",
      true,
      { code: -32800, message: "x" },
      { "land.cancelled": true },
    ],
    [
      "a thrown abort, asked for",
      true,
      { code: -32603, message: "Request m failed with message: Canceled" },
      { "land.cancelled": true },
    ],
    [
      "an error in spite of it",
      true,
      { code: -32603, message: "disk full" },
      { "error.type": "-32603" },
    ],
    [
      "a cancellation that nobody here asked for",
      false,
      { code: -32800, message: "x" },
      { "land.cancelled": true, "rpc.status_code": "-32800" },
    ],
    [
      "a document that has changed meanwhile",
      false,
      { code: -32801, message: "content modified" },
      { "land.cancelled": true, "rpc.status_code": "-32801" },
    ],
    [
      "a server that gave it up",
      false,
      { code: -32802, message: "server cancelled" },
      { "land.cancelled": true, "rpc.status_code": "-32802" },
    ],
    [
      "a request that failed",
      false,
      { code: -32803, message: "request failed" },
      { "rpc.status_code": "-32803", "error.type": "-32803" },
    ],
    [
      "VS Code's cancellation, thrown where nobody here asked for it",
      false,
      { code: -32603, message: "Request m failed with message: Canceled" },
      { "land.cancelled": true },
    ],
    [
      "a thrown abort that nobody here asked for",
      false,
      { code: -32603, message: "Request m failed with message: This operation was aborted" },
      { "error.type": "-32603" },
    ],
  ])("ends its span: %s", (_what, cancelled, error, attributes) => {
    const asked = call("m");
    asked.isCancellationRequested = cancelled;
    asked.answer(error);
    expect(telemetry.span("m").attributes).toMatchObject(attributes);
    expect(telemetry.span("m").status.code).toBe(
      "error.type" in attributes ? SpanStatusCode.ERROR : SpanStatusCode.UNSET,
    );
  });

  it("gives the handler's span the thrown message and the caller's span the error's own", () => {
    const error = { code: -32603, message: "Request m failed with message: disk full" };
    call("m").answer(error);
    call("m", "handler").answer(error);
    expect(telemetry.spans().map(({ kind, status }) => [kind, status.message])).toEqual([
      [SpanKind.CLIENT, error.message],
      [SpanKind.SERVER, "disk full"],
    ]);
  });

  it("returns the mark of a counted failure, and none for a result", () => {
    const failed = call("m", "handler");
    const mark = failed.answer({ code: 1, message: "disk full" });
    const { traceId, spanId } = failed.span.spanContext();
    expect(mark).toBe(`${traceId}-${spanId}`);
    expect(call("fine", "handler").answer(undefined)).toBeUndefined();
    const below = `${traceId}-${"b".repeat(16)}`;
    const caller = new RpcCall(telemetry.runtime, "above", "caller", failed.context);
    expect(caller.answer({ code: 1, message: "other" }, below)).toBe(below);
    expect(telemetry.counted).toEqual(["m"]);
  });
});
