import { setImmediate as nextTurn } from "node:timers/promises";
import { context, ROOT_CONTEXT, SpanKind, trace } from "@opentelemetry/api";
import type { Context, Span } from "@opentelemetry/api";
import type { Span as SdkSpan } from "@opentelemetry/sdk-trace-base";
import { clientInterceptor, serverInterceptor } from "../../../lib/grpc";
import { KINDS } from "./callKinds";
import type { Kind } from "./callKinds";
import type { EchoClient, EchoHandlers, Message, RunningServer } from "./echoService";
import { connect, loadEcho, startServer } from "./echoService";
import { installTelemetry, removeTelemetry, type Recorder } from "./telemetry";

const CALLS = 1_000;
const MESSAGES = 3;
/** Larger than a stream's buffer of 16, so that writers wait for "drain". */
const BURST = 20;

/** Counts, per place in the code, how often the right span was active there and how often a wrong one was. */
class Sightings {
  readonly right: Record<string, number> = {};
  readonly wrong: Record<string, number> = {};

  note(place: string, isRight: boolean): void {
    const book = isRight ? this.right : this.wrong;
    book[place] = (book[place] ?? 0) + 1;
  }
}

describe("the active span, with 1,000 calls of all kinds interleaved", () => {
  const Echo = loadEcho();
  let sightings: Sightings;
  let recorder: Recorder;
  let running: RunningServer;
  let client: EchoClient;

  /** Notes whether the active span is a SERVER span of the trace that the request names. */
  const onServer = (place: string, traceId: string): void => {
    const span = trace.getActiveSpan() as SdkSpan | undefined;
    sightings.note(
      `server ${place}`,
      span?.kind === SpanKind.SERVER && span.spanContext().traceId === traceId,
    );
  };

  beforeAll(async () => {
    recorder = installTelemetry();
    const handlers: EchoHandlers = {
      unary: (call, reply) => {
        onServer("unary handler", call.request.text);
        void nextTurn().then(() => {
          onServer("unary handler, later", call.request.text);
          reply(null, { text: "" });
        });
      },
      clientStream: (call, reply) => {
        // Only the messages name the trace, so the handler's span is compared when they arrive.
        const inHandler = trace.getActiveSpan();
        let text = "";
        call.on("data", (message: Message) => {
          text = message.text;
          onServer("clientStream data", text);
          sightings.note("server clientStream handler", trace.getActiveSpan() === inHandler);
        });
        call.on("end", () => {
          onServer("clientStream end", text);
          reply(null, { text: "" });
        });
      },
      serverStream: (call) => {
        const { text } = call.request;
        onServer("serverStream handler", text);
        call.on("drain", () => {
          onServer("serverStream drain", text);
          call.end();
        });
        call.on("finish", () => onServer("serverStream finish", text));
        for (let sent = 0; sent < BURST; sent++) {
          // A producer shared by several calls writes outside their contexts.
          context.with(ROOT_CONTEXT, () =>
            call.write({ text: "" }, () => onServer("serverStream write callback", text)),
          );
        }
      },
      bidi: (call) => {
        const inHandler = trace.getActiveSpan();
        let text = "";
        call.on("data", (message: Message) => {
          text = message.text;
          onServer("bidi data", text);
          sightings.note("server bidi handler", trace.getActiveSpan() === inHandler);
          call.write({ text: "" }, () => onServer("bidi write callback", text));
        });
        call.on("end", () => {
          onServer("bidi end", text);
          call.end();
        });
        call.on("cancelled", () => onServer("bidi cancelled", text));
      },
    };
    running = await startServer(Echo.service, handlers, { interceptors: [serverInterceptor()] });
    client = connect(Echo, running.address, { interceptors: [clientInterceptor()] });
  });

  afterAll(() => {
    client.close();
    running.server.forceShutdown();
    removeTelemetry();
  });

  beforeEach(() => {
    recorder.reset();
    sightings = new Sightings();
  });

  const call = (kind: Kind, caller: Span, cancel: boolean): Promise<void> => {
    const here = (place: string): void => {
      sightings.note(`client ${kind} ${place}`, trace.getActiveSpan() === caller);
    };
    const text = caller.spanContext().traceId;
    return new Promise((resolve) => {
      if (kind === "unary") {
        const surface = client.unary({ text }, () => {
          here("callback");
          void Promise.resolve().then(() => here("callback, later"));
          resolve();
        });
        surface.on("metadata", () => here("metadata"));
        surface.on("status", () => here("status"));
        return;
      }
      if (kind === "clientStream") {
        const surface = client.clientStream({}, () => {
          here("callback");
          resolve();
        });
        surface.on("drain", () => {
          here("drain");
          surface.end();
        });
        surface.on("finish", () => here("finish"));
        for (let sent = 0; sent < BURST; sent++)
          surface.write({ text }, () => here("write callback"));
        return;
      }
      const duplex = kind === "bidi" ? client.bidi() : undefined;
      const surface = duplex ?? client.serverStream({ text });
      let received = 0;
      surface.on("metadata", () => here("metadata"));
      surface.on("data", () => {
        here("data");
        if (cancel && ++received === MESSAGES) surface.cancel();
      });
      surface.on("end", () => here("end"));
      surface.on("error", () => here("error"));
      surface.on("status", () => {
        here("status");
        resolve();
      });
      if (duplex !== undefined) {
        for (let sent = 0; sent < MESSAGES; sent++)
          duplex.write({ text }, () => here("write callback"));
        if (!cancel) duplex.end();
      }
    });
  };

  it("is the right one in every handler, callback and listener", async () => {
    const tracer = trace.getTracer("test");
    const calls = Array.from({ length: CALLS }, (_, index) => {
      const kind = KINDS[index % KINDS.length] ?? "unary";
      const caller = tracer.startSpan(`caller ${index}`);
      const within: Context = trace.setSpan(context.active(), caller);
      // Every second call of the kinds that answer in a stream is cancelled half-way.
      return context
        .with(within, () => call(kind, caller, index % 8 >= 6))
        .then(() => caller.end());
    });
    await Promise.all(calls);
    await recorder.settled(CALLS * 3);
    expect(sightings.wrong).toEqual({});
    expect(Object.keys(sightings.right).sort()).toEqual([
      "client bidi data",
      "client bidi end",
      "client bidi error",
      "client bidi metadata",
      "client bidi status",
      "client bidi write callback",
      "client clientStream callback",
      "client clientStream drain",
      "client clientStream finish",
      "client clientStream write callback",
      "client serverStream data",
      "client serverStream end",
      "client serverStream error",
      "client serverStream metadata",
      "client serverStream status",
      "client unary callback",
      "client unary callback, later",
      "client unary metadata",
      "client unary status",
      "server bidi cancelled",
      "server bidi data",
      "server bidi end",
      "server bidi handler",
      "server bidi write callback",
      "server clientStream data",
      "server clientStream end",
      "server clientStream handler",
      "server serverStream drain",
      "server serverStream finish",
      "server serverStream handler",
      "server serverStream write callback",
      "server unary handler",
      "server unary handler, later",
    ]);
    expect(sightings.right["server unary handler"]).toBe(CALLS / 4);
  });
});
