import { readConfiguration } from "../../lib/config/readConfiguration.js";
import type { OtlpOptions } from "../../lib/config/TelemetryOptions.js";
import type { HttpTransportSettings } from "../../lib/delivery/HttpTransport.js";
import { Tier } from "../../lib/resource/Tier.js";
import { readOtlpSettings } from "../../lib/tracing/otlpSettings.js";
import { keepDiagnostics } from "../support/diagnostics.js";
import { withEnvironment } from "../support/withEnvironment.js";

function read(
  environment: Readonly<Record<string, string>>,
  otlp: OtlpOptions = {},
): HttpTransportSettings {
  const restore = withEnvironment(environment);
  try {
    return readOtlpSettings(readConfiguration({ tier: Tier.Air, otlp }));
  } finally {
    restore();
  }
}

describe("endpoint", () => {
  it.each<[string, Record<string, string>, OtlpOptions, string]>([
    ["default", {}, {}, "http://127.0.0.1:4318/v1/traces"],
    [
      "generic standard variable, a base",
      { OTEL_EXPORTER_OTLP_ENDPOINT: "http://g/base/" },
      {},
      "http://g/base/v1/traces",
    ],
    [
      "the signal's own variable, as it is",
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://t/x", OTEL_EXPORTER_OTLP_ENDPOINT: "http://g" },
      {},
      "http://t/x",
    ],
    [
      "Land's variable",
      { Pipe: "http://p", OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://t" },
      {},
      "http://p/v1/traces",
    ],
    ["option", { Pipe: "http://p" }, { endpoint: "https://option" }, "https://option/v1/traces"],
  ])("%s", (_case, environment, options, url) => {
    expect(read(environment, options).url).toBe(url);
  });

  it.each(["collector:4318", "ftp://h", "nonsense"])(
    "is reported and left empty if its variable is unusable: %s",
    (text) => {
      const { messages, stop } = keepDiagnostics();
      expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT: text }).url).toBe("");
      expect(messages).toEqual([expect.stringContaining(text)]);
      stop();
    },
  );
});

it("merges the headers of the option and of the variables", async () => {
  const settings = read(
    {
      OTEL_EXPORTER_OTLP_HEADERS: "a=1,b=x%20y",
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: "b=traces,c=traces",
    },
    { headers: { c: "option" } },
  );
  expect(await settings.headers()).toEqual({ a: "1", b: "traces", c: "option" });
});

it("takes the timeout from the option, then a variable, then the default of ten seconds", () => {
  const environment = { OTEL_EXPORTER_OTLP_TIMEOUT: "1234" };
  expect(read({}).timeoutMillis).toBe(10_000);
  expect(read(environment).timeoutMillis).toBe(1_234);
  expect(read(environment, { timeoutMs: 7 }).timeoutMillis).toBe(7);
});

describe("compression", () => {
  // Fewer bytes save nothing within one machine.
  it.each([
    ["http://127.0.0.1:4318", "none"],
    ["http://127.9.8.7", "none"],
    ["http://LOCALHOST:4318/base", "none"],
    ["https://[::1]:4318", "none"],
    ["http://localhost.example.org:4318", "gzip"],
    ["http://10.0.0.1:4318", "gzip"],
    ["https://127.0.0.1.example.org", "gzip"],
    ["https://collector.example.org", "gzip"],
  ])(
    "of spans to %s is %s by default, and the variable overrides that",
    (endpoint, compression) => {
      expect(read({}, { endpoint }).compression).toBe(compression);
      for (const word of ["gzip", "none"])
        expect(read({ OTEL_EXPORTER_OTLP_COMPRESSION: word }, { endpoint }).compression).toBe(word);
    },
  );
});
