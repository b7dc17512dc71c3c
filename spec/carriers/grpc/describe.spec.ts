import { status } from "@grpc/grpc-js";
import { SpanKind } from "@opentelemetry/api";
import fc from "fast-check";
import { clientInterceptor, serverInterceptor } from "../../../lib/grpc";
import type { CallDescription } from "../../../lib/grpc";
import type {
  DuplexCall,
  EchoClient,
  Message,
  Reply,
  RunningServer,
  UnaryCall,
} from "./echoService";
import { connect, loadEcho, startServer } from "./echoService";
import { installTelemetry, removeTelemetry, type Recorder } from "./telemetry";

const UNARY = "land.test.Echo/Unary";

describe("a call described by its request", () => {
  const Echo = loadEcho();
  let recorder: Recorder;
  let running: RunningServer;
  let client: EchoClient;
  let handler: (call: UnaryCall, reply: Reply) => void;
  let describe: (request: unknown, method: string) => unknown;
  let asked: [text: string, method: string][];

  beforeAll(async () => {
    recorder = installTelemetry();
    const options = {
      attributes: { side: "both" },
      describe: (request: unknown, method: string) => {
        asked.push([(request as Message).text, method]);
        return describe(request, method) as CallDescription | undefined;
      },
    };
    running = await startServer(
      Echo.service,
      {
        unary: (call: UnaryCall, reply: Reply) => handler(call, reply),
        bidi: (call: DuplexCall) => {
          call.on("data", ({ text }: Message) => call.write({ text }));
          call.on("end", () => call.end());
        },
      },
      { interceptors: [serverInterceptor(options)] },
    );
    client = connect(Echo, running.address, { interceptors: [clientInterceptor(options)] });
  });

  afterAll(() => {
    client.close();
    running.server.forceShutdown();
    removeTelemetry();
  });

  beforeEach(() => {
    recorder.reset();
    asked = [];
    handler = ({ request }, reply) => reply(null, { text: request.text });
    describe = (request) => ({
      name: (request as Message).text,
      attributes: { "land.method": (request as Message).text },
    });
  });

  const call = (): Promise<string> =>
    new Promise((resolve, reject) => {
      client.unary({ text: "$scan" }, (error, answer) => {
        if (error === null) resolve(answer?.text ?? "");
        else reject(error);
      });
    });

  it("has the described name and attributes on both sides", async () => {
    expect(await call()).toBe("$scan");
    const spans = await recorder.settled(2);
    expect(spans.map(({ kind }) => kind).sort()).toEqual([SpanKind.SERVER, SpanKind.CLIENT]);
    for (const span of spans)
      expect(span).toMatchObject({
        name: "$scan",
        attributes: { side: "both", "rpc.method": UNARY, "land.method": "$scan" },
      });
    expect(asked).toEqual([
      ["$scan", UNARY],
      ["$scan", UNARY],
    ]);
  });

  it("is counted under the described name if it fails", async () => {
    handler = (_call, reply) => reply({ code: status.INTERNAL, details: "no" });
    await expect(call()).rejects.toMatchObject({ code: status.INTERNAL });
    await recorder.settled(2);
    expect(recorder.counted).toEqual([{ span: "$scan", kind: SpanKind.SERVER, message: "no" }]);
  });

  it("is described by the first message of a stream only", async () => {
    const stream = client.bidi();
    const texts: string[] = [];
    stream.on("data", ({ text }: Message) => texts.push(text));
    for (const text of ["one", "two", "three"]) stream.write({ text });
    stream.end();
    const spans = await recorder.settled(2);
    expect(texts).toEqual(["one", "two", "three"]);
    expect(asked.map(([text]) => text)).toEqual(["one", "one"]);
    expect(spans.map(({ name }) => name)).toEqual(["one", "one"]);
  });

  it("is named by its method if the option cannot be read", async () => {
    const options = {
      get describe(): never {
        throw new Error("hostile");
      },
    };
    const hostile = await startServer(
      Echo.service,
      { unary: (_call: UnaryCall, reply: Reply) => reply(null, { text: "answer" }) },
      { interceptors: [serverInterceptor(options)] },
    );
    const caller = connect(Echo, hostile.address, { interceptors: [clientInterceptor(options)] });
    const text = await new Promise((resolve, reject) => {
      caller.unary({ text: "$scan" }, (error, answer) =>
        error === null ? resolve(answer?.text) : reject(error),
      );
    });
    expect(text).toBe("answer");
    expect((await recorder.settled(2)).map(({ name }) => name)).toEqual([UNARY, UNARY]);
    caller.close();
    hostile.server.forceShutdown();
  });

  it("works whatever describe returns or throws, and takes only a non-empty string as its name", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.anything(),
          fc.record({ name: fc.anything(), attributes: fc.anything() }),
          fc.constant(Symbol("throw")),
        ),
        async (answer) => {
          recorder.reset();
          describe = () => {
            if (typeof answer === "symbol") throw new Error("describe failed");
            return answer;
          };
          expect(await call()).toBe("$scan");
          const name = (answer as CallDescription | null | undefined)?.name;
          const isName = typeof name === "string" && name !== "";
          for (const span of await recorder.settled(2))
            expect(span.name).toBe(isName ? name : UNARY);
        },
      ),
      { numRuns: 60 },
    );
  });
});
