import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { CallOutcome } from "../../../lib/carriers/grpc/CallSpan.js";
import { CallSpan } from "../../../lib/carriers/grpc/CallSpan.js";
import type { GrpcInterceptorOptions } from "../../../lib/grpc.js";
import type { TestTelemetry } from "../../support/telemetry.js";
import { startTelemetry } from "../../support/telemetry.js";

interface Answer {
  readonly text: string;
  readonly error?: { readonly type?: string; readonly message: string } | Error;
}

const METHOD = "land.test.Echo/Unary";
const FINE: CallOutcome = { code: 0, details: "", failed: false, cancelled: false };
const failureFromResponse = (response: unknown): Answer["error"] => (response as Answer).error;

let telemetry: TestTelemetry;
beforeEach(() => {
  telemetry = startTelemetry();
});
afterEach(() => telemetry.stop());

const start = (options: GrpcInterceptorOptions = { failureFromResponse }): CallSpan =>
  new CallSpan({ ...telemetry, method: METHOD, options }, SpanKind.CLIENT, ROOT_CONTEXT);

/** The span of a call with these responses. */
function after(
  responses: readonly Answer[],
  outcome: CallOutcome = FINE,
  options?: GrpcInterceptorOptions,
) {
  const call = start(options);
  for (const response of responses) call.noteResponse(response);
  call.end(outcome);
  return telemetry.span(METHOD);
}

describe("the span of a gRPC call", () => {
  it("names the call, even if the host's attributes name another", () => {
    const span = after([], FINE, { attributes: { team: "core", "rpc.method": "other" } });
    expect(span.attributes).toEqual({
      team: "core",
      "rpc.system.name": "grpc",
      "rpc.method": METHOD,
      "rpc.status_code": "OK",
    });
    expect([span.kind, span.status.code]).toEqual([SpanKind.CLIENT, SpanStatusCode.UNSET]);
  });

  it("is active in its context", () => {
    const call = start();
    expect(trace.getSpanContext(call.context)?.spanId).toBe(call.spanId);
  });

  it("fails with the first response that holds a failure, whatever follows", () => {
    const span = after([
      { text: "1" },
      { text: "", error: { type: "E_DISK", message: "disk full" } },
      { text: "", error: { message: "second" } },
      { text: "3" },
    ]);
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: "disk full" });
    expect(span.attributes).toMatchObject({ "error.type": "E_DISK", "rpc.status_code": "OK" });
  });

  it("has the error.type _OTHER for a failure without a type, and no message if that has none", () => {
    const span = after([{ text: "", error: { message: "" } }]);
    expect(span.attributes["error.type"]).toBe("_OTHER");
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR });
  });

  it("records the exception if the failure in a response is an Error", () => {
    const span = after([{ text: "", error: new RangeError("too far") }]);
    expect(span.attributes["error.type"]).toBe("RangeError");
    expect(span.events).toHaveLength(1);
  });

  it("fails with a failed status rather than with a failure in a response", () => {
    const span = after([{ text: "", error: { message: "disk full" } }], {
      ...FINE,
      code: 14,
      details: "gone",
      failed: true,
    });
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: "gone" });
    expect(span.attributes).toMatchObject({
      "error.type": "UNAVAILABLE",
      "rpc.status_code": "UNAVAILABLE",
    });
  });

  it.each<[string, CallOutcome]>([
    ["was cancelled", { code: 1, details: "", failed: true, cancelled: true }],
    [
      "the client got what it asked for",
      { code: 5, details: "no such file", failed: false, cancelled: false },
    ],
  ])("is no error despite a failure in a response: %s", (_how, outcome) => {
    const span = after([{ text: "", error: { message: "disk full" } }], outcome);
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
    expect(span.attributes["land.cancelled"]).toBe(outcome.cancelled ? true : undefined);
  });

  it("does not fail if failureFromResponse throws", () => {
    const span = after([{ text: "" }], FINE, {
      failureFromResponse: () => {
        throw new Error("host");
      },
    });
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
  });

  it("ends once", () => {
    const call = start();
    call.end(FINE);
    expect(call.end({ ...FINE, code: 14, failed: true })).toBeUndefined();
    expect(telemetry.spans()).toHaveLength(1);
    expect(telemetry.span(METHOD).attributes["rpc.status_code"]).toBe("OK");
  });
});

describe("the mark of a failed call", () => {
  const FAILED: CallOutcome = { code: 14, details: "gone", failed: true, cancelled: false };

  it("is the call's own if the failure is counted here", () => {
    const call = start();
    const own = call.ownMark;
    expect(call.end(FAILED)).toBe(own);
    expect(telemetry.counted).toEqual([METHOD]);
  });

  it("is the other side's if the failure was counted there", () => {
    const call = start();
    const theirs = call.ownMark?.replace(/.{16}$/, "b7ad6b7169203331");
    expect(call.end({ ...FAILED, mark: theirs })).toBe(theirs);
    expect(telemetry.counted).toEqual([]);
  });

  it("is the call's own if the other side returns that one, a foreign one or an invalid one", () => {
    for (const markOf of [
      (own?: string) => own,
      (own?: string) => own?.replace(/^.{32}/, "1".repeat(32)),
      () => 5,
    ]) {
      const call = start();
      const own = call.ownMark;
      expect(call.end({ ...FAILED, mark: markOf(own) })).toBe(own);
    }
    expect(telemetry.counted).toHaveLength(3);
  });

  it("is absent if nothing failed", () => {
    const call = start();
    expect(call.end({ ...FINE, mark: call.ownMark })).toBeUndefined();
    expect(call.ownMark).toBeUndefined();
  });
});

it("a span that cannot be ended does not fail the call", () => {
  telemetry.stop();
  const broken = startTelemetry({
    processors: [
      {
        onStart: () => undefined,
        onEnd: () => {
          throw new Error("host");
        },
        forceFlush: () => Promise.resolve(),
        shutdown: () => Promise.resolve(),
      },
    ],
  });
  const traced = { ...broken, method: METHOD, options: {} };
  const call = new CallSpan(traced, SpanKind.CLIENT, ROOT_CONTEXT);
  expect(call.end(FINE)).toBeUndefined();
  broken.stop();
});
