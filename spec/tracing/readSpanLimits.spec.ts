import { diag, DiagLogLevel } from "@opentelemetry/api";
import { readSpanLimits } from "../../lib/tracing/readSpanLimits.js";

describe("readSpanLimits", () => {
  const warnings: string[] = [];
  beforeEach(() => {
    const silent = (): void => undefined;
    diag.setLogger(
      {
        verbose: silent,
        debug: silent,
        info: silent,
        error: silent,
        warn: (text) => warnings.push(text),
      },
      DiagLogLevel.WARN,
    );
  });
  afterEach(() => {
    diag.disable();
    warnings.length = 0;
  });

  it("leaves what is not set to the SDK", () => {
    expect(readSpanLimits({})).toEqual({});
    expect(readSpanLimits({ OTEL_SPAN_EVENT_COUNT_LIMIT: " " })).toEqual({});
  });

  it("reads each variable of the specification", () => {
    const environment = {
      OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: "1",
      OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: "2",
      OTEL_SPAN_EVENT_COUNT_LIMIT: "3",
      OTEL_SPAN_LINK_COUNT_LIMIT: "4",
      OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: "5",
      OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: "0",
    };
    expect(readSpanLimits(environment)).toEqual({
      attributeCountLimit: 1,
      attributeValueLengthLimit: 2,
      eventCountLimit: 3,
      linkCountLimit: 4,
      attributePerEventCountLimit: 5,
      attributePerLinkCountLimit: 0,
    });
  });

  it("takes a span's own limit before the one of all attributes, and falls back to that", () => {
    const all = { OTEL_ATTRIBUTE_COUNT_LIMIT: "10", OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: "20" };
    expect(readSpanLimits(all)).toEqual({ attributeCountLimit: 10, attributeValueLengthLimit: 20 });
    expect(readSpanLimits({ ...all, OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: "7" })).toEqual({
      attributeCountLimit: 7,
      attributeValueLengthLimit: 20,
    });
  });

  it.each(["-1", "1.5", "many", "1e99"])(
    "says that %s is no limit, and takes it as unset",
    (value) => {
      expect(readSpanLimits({ OTEL_SPAN_LINK_COUNT_LIMIT: value })).toEqual({});
      expect(warnings).toEqual([expect.stringContaining("OTEL_SPAN_LINK_COUNT_LIMIT")]);
    },
  );
});
