import { propagation, ROOT_CONTEXT } from "@opentelemetry/api";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { BaggageAttributesSpanProcessor } from "../../lib/propagation/BaggageAttributesSpanProcessor.js";

describe("BaggageAttributesSpanProcessor", () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    spanProcessors: [
      new BaggageAttributesSpanProcessor(["session.id", "user"]),
      new SimpleSpanProcessor(exporter),
    ],
  });
  const tracer = provider.getTracer("spec");
  const baggage = propagation.createBaggage({
    "session.id": { value: "abc" },
    secret: { value: "s" },
  });

  beforeEach(() => exporter.reset());
  afterAll(() => provider.shutdown());

  it("copies the allowed keys, and no others", () => {
    tracer.startSpan("span", {}, propagation.setBaggage(ROOT_CONTEXT, baggage)).end();
    expect(exporter.getFinishedSpans()[0]?.attributes).toEqual({ "session.id": "abc" });
  });

  it("copies nothing without baggage", () => {
    tracer.startSpan("span", {}, ROOT_CONTEXT).end();
    expect(exporter.getFinishedSpans()[0]?.attributes).toEqual({});
  });

  it("ignores later changes to the list that it was given", () => {
    const keys = ["session.id"];
    const processor = new BaggageAttributesSpanProcessor(keys);
    keys.push("secret");
    const span = new BasicTracerProvider({ spanProcessors: [processor] })
      .getTracer("spec")
      .startSpan("span", {}, propagation.setBaggage(ROOT_CONTEXT, baggage));
    expect(Object.keys((span as unknown as { attributes: object }).attributes)).toEqual([
      "session.id",
    ]);
  });
});
