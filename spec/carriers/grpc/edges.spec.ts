import { once } from "node:events";
import type {
  CallOptions,
  ClientOptions,
  Interceptor,
  ServerInterceptor,
  ServiceError,
} from "@grpc/grpc-js";
import {
  InterceptingCall,
  Metadata,
  propagate,
  ServerInterceptingCall,
  ServerListenerBuilder,
  status,
} from "@grpc/grpc-js";
import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { GrpcInterceptorOptions } from "../../../lib/grpc";
import { clientInterceptor, serverInterceptor } from "../../../lib/grpc";
import { globalState } from "../../../lib/shared/globalState";
import type { Runtime } from "../../../lib/shared/Runtime";
import type { Answer, EchoClient, EchoHandlers, RunningServer, UnaryCall } from "./echoService";
import { connect, loadEcho, startServer } from "./echoService";
import { installTelemetry, removeTelemetry, type Recorder } from "./telemetry";

interface Setup {
  readonly handlers?: EchoHandlers;
  readonly server?: GrpcInterceptorOptions;
  readonly client?: GrpcInterceptorOptions;
  /** Interceptors before and after ours. */
  readonly serverBefore?: ServerInterceptor[];
  readonly serverAfter?: ServerInterceptor[];
  readonly clientOptions?: ClientOptions;
}

describe("gRPC in edge cases", () => {
  const Echo = loadEcho();
  const open: { client: EchoClient; running: RunningServer }[] = [];
  let recorder: Recorder;
  let runtime: Runtime;

  beforeAll(() => {
    recorder = installTelemetry();
    const installed = globalState().runtime;
    if (installed === undefined) throw new Error("the tests install one");
    runtime = installed;
  });

  beforeEach(() => {
    recorder.reset();
    globalState().runtime = runtime;
  });

  afterEach(() => {
    for (const { client, running } of open.splice(0)) {
      client.close();
      running.server.forceShutdown();
    }
  });

  afterAll(removeTelemetry);

  const serve = async (setup: Setup): Promise<{ client: EchoClient; running: RunningServer }> => {
    const handlers = setup.handlers ?? {
      unary: ({ request }, reply) => reply(null, { text: request.text }),
    };
    const running = await startServer(Echo.service, handlers, {
      interceptors: [
        ...(setup.serverBefore ?? []),
        serverInterceptor(setup.server),
        ...(setup.serverAfter ?? []),
      ],
    });
    const client = connect(Echo, running.address, {
      interceptors: [clientInterceptor(setup.client)],
      ...setup.clientOptions,
    });
    open.push({ client, running });
    return { client, running };
  };

  const call = (
    client: EchoClient,
    options: CallOptions = {},
  ): Promise<{ error: ServiceError | null; answer?: Answer }> =>
    new Promise((resolve) => {
      client.unary({ text: "hello" }, options, (error, answer) => {
        resolve({ error, ...(answer === undefined ? {} : { answer }) });
      });
    });

  const bySide = (spans: readonly ReadableSpan[], kind: SpanKind): ReadableSpan | undefined => {
    const found = spans.filter((span) => span.kind === kind);
    expect(found).toHaveLength(1);
    return found[0];
  };

  it("a method that no service has registered gets only a client span", async () => {
    const { client } = await serve({});
    const error = await new Promise<ServiceError | null>((resolve) => {
      client.makeUnaryRequest(
        "/land.test.Echo/Nowhere",
        () => Buffer.alloc(0),
        String,
        {},
        (failure) => resolve(failure),
      );
    });
    expect(error?.code).toBe(status.UNIMPLEMENTED);
    const spans = await recorder.settled(1);
    expect(spans.map(({ kind, name }) => ({ kind, name }))).toEqual([
      { kind: SpanKind.CLIENT, name: "land.test.Echo/Nowhere" },
    ]);
    expect(spans[0]?.attributes["error.type"]).toBe("UNIMPLEMENTED");
  });

  it("an address at which nobody listens gives one client span that says UNAVAILABLE", async () => {
    const { client, running } = await serve({});
    running.server.forceShutdown();
    expect((await call(client)).error?.code).toBe(status.UNAVAILABLE);
    const [span] = await recorder.settled(1);
    expect(span?.attributes["error.type"]).toBe("UNAVAILABLE");
  });

  it("a connection that breaks ends both spans once", async () => {
    let calls = 0;
    const { client } = await serve({
      handlers: {
        unary: () => {
          if (++calls === 1) open[0]?.running.server.forceShutdown();
        },
      },
    });
    const { error } = await call(client);
    const spans = await recorder.settled(2);
    expect(recorder.endCalls).toBe(2);
    const clientSpan = bySide(spans, SpanKind.CLIENT);
    expect(clientSpan?.status.code).toBe(SpanStatusCode.ERROR);
    expect(clientSpan?.attributes["rpc.status_code"]).toBe(status[error?.code ?? status.OK]);
    const serverSpan = bySide(spans, SpanKind.SERVER);
    expect(serverSpan?.status.code).toBe(SpanStatusCode.UNSET);
    expect(serverSpan?.attributes["rpc.status_code"]).toBe("CANCELLED");
  });

  it("the spans of a stream that the handler destroys end once, with the call", async () => {
    const { client } = await serve({
      handlers: { serverStream: (serverCall) => serverCall.destroy() },
    });
    const stream = client.serverStream({ text: "" }, { deadline: Date.now() + 1_000 });
    stream.on("error", () => undefined);
    stream.resume();
    await new Promise((resolve) => stream.on("status", resolve));
    const spans = await recorder.settled(2);
    expect(recorder.endCalls).toBe(2);
    expect(bySide(spans, SpanKind.SERVER)?.attributes["rpc.status_code"]).toBe("DEADLINE_EXCEEDED");
  });

  it("a request that cannot be serialised is the client's failure", async () => {
    const { client } = await serve({});
    const error = await new Promise<ServiceError | null>((resolve) => {
      const refuse = (): Buffer => {
        throw new Error("not serialisable");
      };
      client.makeUnaryRequest("/land.test.Echo/Unary", refuse, String, {}, (failure) =>
        resolve(failure),
      );
    });
    expect(error?.code).toBe(status.INTERNAL);
    await recorder.settled(1);
    const span = bySide(recorder.ended, SpanKind.CLIENT);
    expect(span?.attributes["error.type"]).toBe("INTERNAL");
    expect(span?.status.message).toContain("not serialisable");
  });

  it("a response that cannot be read is the client's failure", async () => {
    const { client } = await serve({});
    await new Promise<ServiceError | null>((resolve) => {
      const refuse = (): never => {
        throw new Error("not readable");
      };
      client.makeUnaryRequest(
        "/land.test.Echo/Unary",
        () => Buffer.alloc(0),
        refuse,
        {},
        (failure) => resolve(failure),
      );
    });
    const spans = await recorder.settled(2);
    expect(bySide(spans, SpanKind.CLIENT)?.attributes["error.type"]).toBe("INTERNAL");
    expect(bySide(spans, SpanKind.SERVER)?.attributes["error.type"]).toBeUndefined();
  });

  it("cancelling a parent call is a cancellation, not a failure, on every span", async () => {
    const lower = await serve({ handlers: { unary: () => undefined } });
    let lowerError: Promise<unknown> | undefined;
    const upper = await serve({
      handlers: {
        unary: (parent: UnaryCall) => {
          lowerError = call(lower.client, { parent, propagate_flags: propagate.DEFAULTS });
          surface.cancel();
        },
      },
    });
    const surface = upper.client.unary({ text: "" }, () => undefined);
    await once(surface, "status");
    const spans = await recorder.settled(3);
    await lowerError;
    await recorder.settled(spans.length);
    expect(spans.length).toBeGreaterThanOrEqual(3);
    for (const span of spans) {
      expect(span.status.code).toBe(SpanStatusCode.UNSET);
      expect(span.attributes["land.cancelled"]).toBe(true);
    }
  });

  it("an ignored method gets no span and no carrier", async () => {
    const ignore = (method: string): boolean => method === "land.test.Echo/Unary";
    let seen: Metadata | undefined;
    const { client } = await serve({
      handlers: {
        unary: ({ metadata }, reply) => {
          seen = metadata;
          reply(null, { text: "" });
        },
      },
      server: { ignore },
      client: { ignore },
    });
    expect((await call(client)).error).toBeNull();
    expect(recorder.started).toHaveLength(0);
    expect(seen?.get("traceparent")).toEqual([]);
  });

  it("an Error found in an OK response is recorded with its stack", async () => {
    const failureFromResponse = (): Error => new RangeError("out of range");
    const { client } = await serve({ server: { failureFromResponse } });
    expect((await call(client)).error).toBeNull();
    const spans = await recorder.settled(2);
    const serverSpan = bySide(spans, SpanKind.SERVER);
    expect(serverSpan?.attributes).toMatchObject({
      "error.type": "RangeError",
      "rpc.status_code": "OK",
    });
    expect(serverSpan?.events[0]?.attributes?.["exception.stacktrace"]).toContain("RangeError");
    expect(bySide(spans, SpanKind.CLIENT)?.status.code).toBe(SpanStatusCode.UNSET);
  });

  it("options that throw do not affect the call or its spans", async () => {
    const refuse = (): never => {
      throw new Error("the option's own fault");
    };
    const options = { failureFromResponse: refuse, ignore: refuse };
    const { client } = await serve({ server: options, client: options });
    expect((await call(client)).answer?.text).toBe("hello");
    for (const span of await recorder.settled(2))
      expect(span.status.code).toBe(SpanStatusCode.UNSET);
  });

  it.each(["tracer", "propagator"] as const)(
    "a %s that throws does not fail the call",
    async (part) => {
      const hostile = new Proxy(
        {},
        {
          get: () => () => {
            throw new Error("broken");
          },
        },
      );
      const { client } = await serve({});
      globalState().runtime = { ...runtime, [part]: hostile };
      expect((await call(client)).answer?.text).toBe("hello");
      const spans = await recorder.settled(part === "tracer" ? 0 : 2);
      expect(recorder.started).toHaveLength(spans.length);
      for (const span of spans) expect(span.parentSpanContext).toBeUndefined();
    },
  );

  it("a span whose end throws does not cost the caller the answer", async () => {
    const { client } = await serve({});
    const { tracer } = runtime;
    globalState().runtime = {
      ...runtime,
      tracer: Object.assign(Object.create(tracer) as typeof tracer, {
        startSpan: (...parameters: Parameters<typeof tracer.startSpan>) => {
          const span = tracer.startSpan(...parameters);
          span.end = () => {
            throw new Error("a processor's fault");
          };
          return span;
        },
      }),
    };
    expect((await call(client)).answer?.text).toBe("hello");
    recorder.reset();
  });

  it("a call refused by an interceptor after ours ends its span with that status", async () => {
    const refuse: ServerInterceptor = (_definition, serverCall) =>
      new ServerInterceptingCall(serverCall, {
        start: (next) => {
          next(
            new ServerListenerBuilder()
              // Not on the metadata: the client may still be writing, and grpc-js calls a failed write UNAVAILABLE.
              .withOnReceiveHalfClose(() =>
                serverCall.sendStatus({ code: status.UNAUTHENTICATED, details: "who?" }),
              )
              .build(),
          );
        },
      });
    const { client } = await serve({ serverAfter: [refuse] });
    expect((await call(client)).error?.code).toBe(status.UNAUTHENTICATED);
    const spans = await recorder.settled(2);
    expect(recorder.endCalls).toBe(2);
    const serverSpan = bySide(spans, SpanKind.SERVER);
    expect(serverSpan?.attributes["rpc.status_code"]).toBe("UNAUTHENTICATED");
    expect(serverSpan?.status.code).toBe(SpanStatusCode.UNSET);
  });

  it("a deadline that an interceptor hides is still told apart from a cancellation", async () => {
    const plain: ServerInterceptor = (_definition, serverCall) =>
      new ServerInterceptingCall(serverCall);
    const { client } = await serve({ serverBefore: [plain], handlers: { unary: () => undefined } });
    await call(client, { deadline: Date.now() + 1_000 });
    const deadline = await recorder.settled(2);
    expect(bySide(deadline, SpanKind.SERVER)?.attributes["rpc.status_code"]).toBe(
      "DEADLINE_EXCEEDED",
    );
  });

  it("the client interceptor works between others, and when given to a single call", async () => {
    const seen: string[] = [];
    const other: Interceptor = (options, next) =>
      new InterceptingCall(next(options), {
        start: (metadata, _listener, start) => {
          start(metadata, {
            onReceiveStatus: (received, pass) => {
              seen.push(received.details);
              pass(received);
            },
          });
        },
      });
    const { client } = await serve({
      clientOptions: { interceptors: [other, clientInterceptor(), other] },
    });
    expect((await call(client)).answer?.text).toBe("hello");
    expect((await call(client, { interceptors: [clientInterceptor()] })).answer?.text).toBe(
      "hello",
    );
    expect((await call(client, { interceptors: [other] })).answer?.text).toBe("hello");
    const spans = await recorder.settled(5);
    expect(seen).toEqual(["OK", "OK", "OK"]);
    expect(spans.filter(({ kind }) => kind === SpanKind.CLIENT)).toHaveLength(2);
  });

  it("calls to a server that was started inside a span are not children of that span", async () => {
    const starting = trace.setSpan(context.active(), runtime.tracer.startSpan("starting"));
    const { client, running } = await context.with(starting, () => serve({}));
    client.close();
    const plain = connect(Echo, running.address, {});
    expect((await call(plain)).answer?.text).toBe("hello");
    plain.close();
    trace.getSpan(starting)?.end();
    const span = bySide(await recorder.settled(2), SpanKind.SERVER);
    expect(span?.parentSpanContext).toBeUndefined();
  });

  it("an unsampled call is answered and passes its context on", async () => {
    let inHandler: string | undefined;
    const { client } = await serve({
      handlers: {
        unary: ({ request }, reply) => {
          inHandler ??= trace.getActiveSpan()?.spanContext().traceId;
          reply(null, { text: request.text });
        },
      },
    });
    const metadata = new Metadata();
    metadata.set("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
    const answer = await new Promise<Answer | undefined>((resolve) => {
      const plain = connect(Echo, open[0]?.running.address ?? "", {});
      plain.unary({ text: "hello" }, metadata, {}, (_error, received) => {
        plain.close();
        resolve(received);
      });
    });
    expect(answer?.text).toBe("hello");
    expect(inHandler).toBe("0af7651916cd43dd8448eb211c80319c");
    expect((await call(client)).answer?.text).toBe("hello");
    expect(recorder.started).toHaveLength(2);
  });
});
