import { credentials, makeGenericClientConstructor, Metadata } from "@grpc/grpc-js";
import { clientInterceptor, serverInterceptor } from "../../../lib/grpc";
import type { Answer, EchoClient, Message, Reply } from "./echoService";
import { startServer } from "./echoService";
import { StaticEchoClient, StaticEchoService } from "./staticEcho";
import { installTelemetry } from "./telemetry";

/** Calls a static service with both kinds of generated client and returns what the spans say. */
export async function callStaticService(): Promise<{
  answers: string[];
  spans: string[];
  parented: boolean;
}> {
  const recorder = installTelemetry();
  const unary = ({ request }: { request: Message }, reply: Reply): void =>
    reply(null, { text: request.text });
  const { server, address } = await startServer(
    StaticEchoService,
    { unary },
    { interceptors: [serverInterceptor()] },
  );
  const options = { interceptors: [clientInterceptor()] };
  const asClass = new StaticEchoClient(address, credentials.createInsecure(), options);
  const Generic = makeGenericClientConstructor(StaticEchoService, "StaticEcho");
  const generic = new Generic(
    address,
    credentials.createInsecure(),
    options,
  ) as unknown as EchoClient;

  const answers: string[] = [];
  for (const client of [asClass, generic]) {
    answers.push(
      await new Promise<string>((resolve, reject) => {
        client.unary(
          { text: "static" },
          new Metadata(),
          {},
          (error: Error | null, answer?: Answer) => {
            if (error === null) resolve(answer?.text ?? "");
            else reject(error);
          },
        );
      }),
    );
  }
  const spans = await recorder.settled(4);
  asClass.close();
  generic.close();
  server.forceShutdown();
  return {
    answers,
    spans: spans
      .map((span) => `${span.kind} ${span.name} ${String(span.attributes["rpc.status_code"])}`)
      .sort(),
    parented: spans.every(
      (span) =>
        span.parentSpanContext === undefined ||
        spans.some((other) => other.spanContext().spanId === span.parentSpanContext?.spanId),
    ),
  };
}
