import type { sendUnaryData, ServiceError } from "@grpc/grpc-js";
import { Metadata, status } from "@grpc/grpc-js";
import type { Span } from "@opentelemetry/api";
import { SpanKind, trace } from "@opentelemetry/api";
import { countedMark } from "../../../lib/failures/mark";
import { recordFailure } from "../../../lib/failures/recordFailure";
import { clientInterceptor, serverInterceptor } from "../../../lib/grpc";
import { globalState } from "../../../lib/shared/globalState";
import type { Answer, EchoClient, EchoHandlers, RunningServer, UnaryCall } from "./echoService";
import { connect, loadEcho, startServer } from "./echoService";
import { installTelemetry, removeTelemetry, type Recorder } from "./telemetry";

const MARK = /^[0-9a-f]{32}-[0-9a-f]{16}$/;

type Reply = sendUnaryData<Answer>;

/** Runs code in a span of its own, and records and rethrows its failure. */
async function inSpan<Result>(name: string, run: () => Result | Promise<Result>): Promise<Result> {
  return trace.getTracer("test").startActiveSpan(name, async (span: Span) => {
    try {
      return await run();
    } catch (error) {
      recordFailure(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

function inSpanSync(name: string, run: () => void): void {
  trace.getTracer("test").startActiveSpan(name, (span) => {
    try {
      run();
    } catch (error) {
      recordFailure(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

describe("counting failures across tiers", () => {
  const Echo = loadEcho();
  let recorder: Recorder;
  let upper: RunningServer;
  let lower: RunningServer;
  let toUpper: EchoClient;
  let toLower: EchoClient;
  let upperHandler: (call: UnaryCall, reply: Reply) => void;
  let lowerHandler: (call: UnaryCall, reply: Reply) => void;

  const call = (client: EchoClient, deadline?: number): Promise<Answer | undefined> =>
    new Promise((resolve, reject) => {
      client.unary({ text: "" }, deadline === undefined ? {} : { deadline }, (error, answer) => {
        if (error === null) resolve(answer);
        else reject(error);
      });
    });

  const failure = async (client: EchoClient): Promise<ServiceError> =>
    call(client).then(
      () => Promise.reject(new Error("the call must fail")),
      (error: unknown) => error as ServiceError,
    );

  beforeAll(async () => {
    recorder = installTelemetry();
    const start = (handlers: EchoHandlers): Promise<RunningServer> =>
      startServer(Echo.service, handlers, { interceptors: [serverInterceptor()] });
    upper = await start({ unary: (serverCall, reply) => upperHandler(serverCall, reply) });
    lower = await start({ unary: (serverCall, reply) => lowerHandler(serverCall, reply) });
    toUpper = connect(Echo, upper.address, { interceptors: [clientInterceptor()] });
    toLower = connect(Echo, lower.address, { interceptors: [clientInterceptor()] });
  });

  afterAll(() => {
    for (const client of [toUpper, toLower]) client.close();
    for (const { server } of [upper, lower]) server.forceShutdown();
    removeTelemetry();
  });

  beforeEach(() => {
    recorder.reset();
    upperHandler = (_call, reply) =>
      void call(toLower).then((answer) => reply(null, answer), reply);
    lowerHandler = (_call, reply) => reply({ code: status.INTERNAL, details: "disk full" });
  });

  it("a plain rethrow through three tiers is one event", async () => {
    const error = await inSpan("outermost", () => failure(toUpper));
    await recorder.settled(5);
    expect(recorder.counted).toEqual([
      { span: "land.test.Echo/Unary", kind: SpanKind.SERVER, message: "disk full" },
    ]);
    expect(error.metadata.get("land-counted")).toEqual([expect.stringMatching(MARK)]);
    expect(countedMark(error)).toMatch(MARK);
  });

  it("a span around the client call does not count the ServiceError again", async () => {
    await expect(inSpan("around", () => call(toLower))).rejects.toMatchObject({
      code: status.INTERNAL,
    });
    await recorder.settled(3);
    expect(recorder.counted).toHaveLength(1);
  });

  it("a rethrow with the same text but the handler's own trailers is not counted again", async () => {
    upperHandler = (_call, reply) =>
      void call(toLower).then(
        (answer) => reply(null, answer),
        (error: unknown) => {
          reply(
            { code: status.INTERNAL, details: (error as ServiceError).details },
            null,
            new Metadata(),
          );
        },
      );
    await failure(toUpper);
    await recorder.settled(4);
    expect(recorder.counted).toHaveLength(1);
  });

  it("a rethrow in other words is not counted again if it carries the error's metadata", async () => {
    upperHandler = (_call, reply) =>
      void call(toLower).then(
        (answer) => reply(null, answer),
        (error: unknown) => {
          reply({
            code: status.INTERNAL,
            details: "could not save",
            metadata: (error as ServiceError).metadata,
          });
        },
      );
    expect((await failure(toUpper)).details).toBe("could not save");
    await recorder.settled(4);
    expect(recorder.counted).toEqual([
      { span: "land.test.Echo/Unary", kind: SpanKind.SERVER, message: "disk full" },
    ]);
  });

  it("an Error that a span inside the handler saw first is counted only there", async () => {
    lowerHandler = (_call, reply) =>
      void inSpan("work", () => Promise.reject(new TypeError("no such key"))).catch(
        (error: unknown) => {
          reply(error as Error);
        },
      );
    await failure(toLower);
    await recorder.settled(3);
    expect(recorder.counted).toEqual([
      { span: "work", kind: SpanKind.INTERNAL, message: "no such key" },
    ]);
  });

  it("a synchronously thrown Error is counted once, though grpc-js reports little or nothing of it", async () => {
    lowerHandler = () =>
      inSpanSync("work", () => {
        throw new TypeError("no such key");
      });
    expect(await failure(toLower)).toMatchObject({
      code: status.UNKNOWN,
      details: expect.stringMatching(
        /^(Unknown error|Server method handler threw error .*)$/,
      ) as string,
    });
    await recorder.settled(3);
    expect(recorder.counted).toEqual([
      { span: "work", kind: SpanKind.INTERNAL, message: "no such key" },
    ]);
  });

  it("a later UNKNOWN answer with another text is a failure of its own", async () => {
    lowerHandler = (_call, reply) =>
      void inSpan("work", () => Promise.reject(new TypeError("no such key"))).catch(() =>
        reply({ code: status.UNKNOWN, details: "who knows" }),
      );
    await failure(toLower);
    await recorder.settled(3);
    expect(recorder.counted.map(({ message }) => message)).toEqual(["no such key", "who knows"]);
  });

  it("a status that is a failure only for the client is counted there", async () => {
    lowerHandler = (_call, reply) => reply({ code: status.NOT_FOUND, details: "no such file" });
    const error = await failure(toUpper);
    await recorder.settled(4);
    expect(recorder.counted).toEqual([
      { span: "land.test.Echo/Unary", kind: SpanKind.CLIENT, message: "no such file" },
    ]);
    expect(error.metadata.get("land-counted")).toEqual([expect.stringMatching(MARK)]);
  });

  it("a deadline that both sides see is counted by the client", async () => {
    lowerHandler = () => undefined;
    await expect(call(toLower, Date.now() + 1_000)).rejects.toMatchObject({
      code: status.DEADLINE_EXCEEDED,
    });
    await recorder.settled(2);
    expect(recorder.counted).toEqual([
      expect.objectContaining({ span: "land.test.Echo/Unary", kind: SpanKind.CLIENT }),
    ]);
  });

  it("a call with a parent, whose deadline it inherits, announces that the client counts its end", async () => {
    const announced: unknown[] = [];
    lowerHandler = ({ metadata }, reply) => {
      announced.push(metadata.get("land-counted")[0]);
      reply(null, { text: "" });
    };
    upperHandler = (parent, reply) => void toLower.unary({ text: "" }, { parent }, reply);
    await call(toUpper);
    await call(toLower);
    await recorder.settled(6);
    expect(announced).toEqual([expect.stringMatching(MARK), undefined]);
  });

  it("a deadline that the server notices first is still counted by the client", async () => {
    // The server's answer carries the client's own mark back, so the client still counts.
    lowerHandler = (serverCall, reply) => {
      setTimeout(
        () => reply({ code: status.DEADLINE_EXCEEDED, details: "too late" }),
        Number(serverCall.getDeadline()) - Date.now() - 300,
      );
    };
    await expect(call(toLower, Date.now() + 1_000)).rejects.toMatchObject({
      code: status.DEADLINE_EXCEEDED,
    });
    await recorder.settled(2);
    expect(recorder.counted).toEqual([
      expect.objectContaining({ span: "land.test.Echo/Unary", kind: SpanKind.CLIENT }),
    ]);
  });

  it("a deadline is counted by the server if the client counts nothing", async () => {
    const { runtime } = globalState();
    if (runtime === undefined) throw new Error("the tests install one");
    globalState().runtime = { ...runtime, isAllowed: () => false };
    lowerHandler = () => undefined;
    const pending = call(toLower, Date.now() + 1_000);
    globalState().runtime = runtime;
    await expect(pending).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
    const spans = await recorder.settled(2);
    const server = spans.find((span) => span.kind === SpanKind.SERVER);
    expect(recorder.counted.map(({ kind }) => kind)).toContain(SpanKind.SERVER);
    expect(server?.attributes["rpc.status_code"]).toBe("DEADLINE_EXCEEDED");
  });

  it("three equal failures are three events", async () => {
    await inSpan("outermost", async () => {
      for (let attempt = 0; attempt < 3; attempt++) await failure(toLower);
    });
    await recorder.settled(7);
    expect(recorder.counted).toHaveLength(3);
  });

  it("a mark of another trace, or a malformed one, is ignored", async () => {
    for (const value of ["0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", "yes"]) {
      recorder.reset();
      lowerHandler = (_call, reply) => {
        const metadata = new Metadata();
        metadata.set("land-counted", value);
        reply({ code: status.INTERNAL, details: "disk full", metadata });
      };
      await failure(toLower);
      await recorder.settled(2);
      expect(recorder.counted).toHaveLength(1);
    }
  });

  it("the handler's own Metadata is sent along and stays unchanged", async () => {
    const metadata = new Metadata();
    metadata.set("x-detail", "1");
    lowerHandler = (_call, reply) =>
      reply({ code: status.INTERNAL, details: "disk full", metadata });
    const error = await failure(toLower);
    expect(error.metadata.get("x-detail")).toEqual(["1"]);
    expect(error.metadata.get("land-counted")).toHaveLength(1);
    expect(metadata.getMap()).toEqual({ "x-detail": "1" });
  });
});
