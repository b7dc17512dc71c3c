import { EventEmitter, once } from "node:events";
import type { ServiceError } from "@grpc/grpc-js";
import { status } from "@grpc/grpc-js";
import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { clientInterceptor, serverInterceptor } from "../../../lib/grpc";
import type { GrpcInterceptorOptions } from "../../../lib/grpc";
import type { ClientSide, Kind, ServerSide } from "./callKinds";
import { KINDS, makeCall, scripted } from "./callKinds";
import type { Answer, EchoClient, RunningServer } from "./echoService";
import { connect, loadEcho, startServer } from "./echoService";
import { installTelemetry, removeTelemetry, type Recorder } from "./telemetry";

const options: GrpcInterceptorOptions = {
  failureFromResponse: (response) => {
    const error = (response as Answer).error;
    return error ? { type: error.code, message: error.message } : undefined;
  },
};

// A busy machine may take half of this to deliver the request to the server.
const DEADLINE_MS = 1_000;
const FAR_DEADLINE_MS = 20_000;

/** What a span must hold; without `errorType`, it is not an error. */
interface Expected {
  readonly code: string;
  readonly errorType?: string;
  readonly message?: string | RegExp;
  readonly cancelled?: true;
}

interface Situation {
  readonly name: string;
  /** What the server does with the request. */
  readonly serve?: (side: ServerSide) => void;
  /** What the client does once the handler runs. */
  readonly act?: (call: ClientSide) => void;
  readonly deadlineMs?: number;
  readonly missing?: true;
  readonly received: number;
  readonly client: Expected;
  readonly server: Expected;
  /** The kinds that differ from `server`. */
  readonly serverOf?: Partial<Record<Kind, Expected>>;
  /** How many error events the call causes. */
  readonly counted: number;
}

const hang = (): void => undefined;
/** Earlier versions of grpc-js append the reason. */
const UNSERIALISABLE = /^Error serializing response(:|$)/;

const SITUATIONS: readonly Situation[] = [
  {
    name: "ok",
    serve: (side) => {
      side.answer({ text: "fine" });
      side.finish();
    },
    received: status.OK,
    client: { code: "OK" },
    server: { code: "OK" },
    counted: 0,
  },
  {
    name: "the server's error",
    serve: (side) => side.fail({ code: status.INTERNAL, details: "disk full" }),
    received: status.INTERNAL,
    client: { code: "INTERNAL", errorType: "INTERNAL", message: "disk full" },
    server: { code: "INTERNAL", errorType: "INTERNAL", message: "disk full" },
    counted: 1,
  },
  {
    name: "an Error without a code",
    serve: (side) => side.fail(new Error("lost the thread")),
    received: status.UNKNOWN,
    client: { code: "UNKNOWN", errorType: "UNKNOWN", message: "lost the thread" },
    server: { code: "UNKNOWN", errorType: "UNKNOWN", message: "lost the thread" },
    counted: 1,
  },
  {
    name: "the client's error",
    serve: (side) => side.fail({ code: status.NOT_FOUND, details: "no such file" }),
    received: status.NOT_FOUND,
    client: { code: "NOT_FOUND", errorType: "NOT_FOUND", message: "no such file" },
    server: { code: "NOT_FOUND" },
    counted: 1,
  },
  {
    name: "deadline",
    serve: hang,
    deadlineMs: DEADLINE_MS,
    received: status.DEADLINE_EXCEEDED,
    client: { code: "DEADLINE_EXCEEDED", errorType: "DEADLINE_EXCEEDED" },
    server: { code: "DEADLINE_EXCEEDED", errorType: "DEADLINE_EXCEEDED" },
    counted: 1,
  },
  {
    name: "the client's cancel",
    serve: hang,
    act: (call) => call.cancel(),
    received: status.CANCELLED,
    client: { code: "CANCELLED", cancelled: true },
    server: { code: "CANCELLED", cancelled: true },
    counted: 0,
  },
  {
    name: "the client's cancel, long before its deadline",
    serve: hang,
    act: (call) => call.cancel(),
    deadlineMs: FAR_DEADLINE_MS,
    received: status.CANCELLED,
    client: { code: "CANCELLED", cancelled: true },
    server: { code: "CANCELLED", cancelled: true },
    counted: 0,
  },
  {
    name: "the client's cancel, which the handler takes for the end",
    serve: (side) => side.onEnd(() => side.finish()),
    act: (call) => call.cancel(),
    received: status.CANCELLED,
    client: { code: "CANCELLED", cancelled: true },
    server: { code: "CANCELLED", cancelled: true },
    // On a stream in both directions, Node reports the end of the requests first, and the reset after the answer.
    serverOf: { bidi: { code: "OK" } },
    counted: 0,
  },
  {
    name: "the client's cancel, which the handler answers with an error",
    serve: (side) => side.onCancelled(() => side.fail(new Error("aborted"))),
    act: (call) => call.cancel(),
    received: status.CANCELLED,
    client: { code: "CANCELLED", cancelled: true },
    server: { code: "CANCELLED", cancelled: true },
    counted: 0,
  },
  {
    name: "the server's cancel",
    serve: (side) => side.fail({ code: status.CANCELLED, details: "not now" }),
    received: status.CANCELLED,
    client: { code: "CANCELLED", cancelled: true },
    server: { code: "CANCELLED", cancelled: true },
    counted: 0,
  },
  {
    name: "declared but not implemented",
    missing: true,
    received: status.UNIMPLEMENTED,
    client: { code: "UNIMPLEMENTED", errorType: "UNIMPLEMENTED" },
    server: { code: "UNIMPLEMENTED", errorType: "UNIMPLEMENTED" },
    counted: 1,
  },
  {
    name: "a response that holds an error",
    serve: (side) => {
      side.answer({ text: "", error: { code: "ENOENT", message: "no such command" } });
      side.finish();
    },
    received: status.OK,
    client: { code: "OK", errorType: "ENOENT", message: "no such command" },
    server: { code: "OK", errorType: "ENOENT", message: "no such command" },
    counted: 1,
  },
  {
    name: "a response that cannot be serialised",
    serve: (side) => {
      side.answer({ text: { toString: null } });
      side.finish();
    },
    received: status.INTERNAL,
    client: { code: "INTERNAL", errorType: "INTERNAL", message: UNSERIALISABLE },
    server: { code: "INTERNAL", errorType: "INTERNAL", message: UNSERIALISABLE },
    counted: 1,
  },
];

describe.each(KINDS)("a %s call", (kind: Kind) => {
  const Echo = loadEcho();
  const serving = new EventEmitter();
  let recorder: Recorder;
  let running: RunningServer;
  let client: EchoClient;
  let serve: (side: ServerSide) => void = hang;

  beforeAll(async () => {
    recorder = installTelemetry();
    const handlers = scripted((side) => {
      if (side.text === "barrier") {
        side.answer({ text: "" });
        side.finish();
        return;
      }
      serve(side);
      serving.emit("serving");
    });
    running = await startServer(Echo.service, handlers, {
      interceptors: [serverInterceptor(options)],
    });
    client = connect(Echo, running.address, { interceptors: [clientInterceptor(options)] });
    await makeCall(client, kind, "barrier", {}).done;
  });

  afterAll(() => {
    client.close();
    running.server.forceShutdown();
    removeTelemetry();
  });

  const expectSpan = (span: ReadableSpan | undefined, expected: Expected): void => {
    expect(span?.attributes["rpc.status_code"]).toBe(expected.code);
    expect(span?.attributes["error.type"]).toBe(expected.errorType);
    expect(span?.attributes["land.cancelled"]).toBe(expected.cancelled);
    expect(span?.status.code).toBe(
      expected.errorType === undefined ? SpanStatusCode.UNSET : SpanStatusCode.ERROR,
    );
    const { message } = expected;
    if (typeof message === "string") expect(span?.status.message).toBe(message);
    if (message instanceof RegExp) expect(span?.status.message).toMatch(message);
  };

  it.each(SITUATIONS)(
    "$name: one span per side, ended once, with the right parent and status",
    async (situation) => {
      recorder.reset();
      serve = situation.serve ?? hang;
      const served = once(serving, "serving");
      const caller = trace.getTracer("test").startSpan("caller");
      const call = context.with(trace.setSpan(context.active(), caller), () =>
        makeCall(
          client,
          kind,
          situation.name,
          situation.deadlineMs === undefined ? {} : { deadline: Date.now() + situation.deadlineMs },
          situation.missing,
        ),
      );
      if (situation.missing !== true) await served;
      situation.act?.(call);
      const error: ServiceError | null = await call.done;
      expect(error?.code ?? status.OK).toBe(situation.received);
      caller.end();
      await recorder.settled(3);
      // Once the same connection has served another call, the server is done with this one.
      await makeCall(client, kind, "barrier", {}).done;
      const spans = (await recorder.settled(5)).filter(
        (span) =>
          span.spanContext().traceId === caller.spanContext().traceId && span.name !== "caller",
      );

      expect(spans).toHaveLength(2);
      expect(recorder.endCalls).toBe(5);
      const clientSpan = spans.find((span) => span.kind === SpanKind.CLIENT);
      const serverSpan = spans.find((span) => span.kind === SpanKind.SERVER);
      expect(clientSpan?.parentSpanContext?.spanId).toBe(caller.spanContext().spanId);
      expect(serverSpan?.parentSpanContext?.spanId).toBe(clientSpan?.spanContext().spanId);
      const method = `${situation.missing === true ? "Missing" : ""}${kind[0]?.toUpperCase() ?? ""}${kind.slice(1)}`;
      for (const span of spans) {
        expect(span.name).toBe(`land.test.Echo/${method}`);
        expect(span.attributes).toMatchObject({
          "rpc.system.name": "grpc",
          "rpc.method": span.name,
        });
      }
      expectSpan(clientSpan, situation.client);
      expectSpan(serverSpan, situation.serverOf?.[kind] ?? situation.server);
      expect(recorder.counted).toHaveLength(situation.counted);
    },
  );
});
