/**
 * `@opentelemetry/sdk-trace-base` ended with 2.x. For the specifications, which are written for both lines, these are
 * its names on the `@opentelemetry/sdk-trace` of 3.x.
 */
const sdk = require("@opentelemetry/sdk-trace");

class SimpleSpanProcessor extends sdk.SimpleSpanProcessor {
  constructor(exporter) {
    super({ exporter });
  }
}

module.exports = { ...sdk, BasicTracerProvider: sdk.TracerProvider, SimpleSpanProcessor };
