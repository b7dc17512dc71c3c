import { SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { eventUuid } from "../../lib/posthog/PostHogEvent.js";
import type { SelectedEvent } from "../../lib/posthog/spanToEvent.js";
import { errorProperties } from "../../lib/posthog/errorProperties.js";
import { spanToEvent } from "../../lib/posthog/spanToEvent.js";
import type { SpanParts } from "./support.js";
import { CONFIGURATION, ended, SESSION } from "./support.js";

const ORIGIN = { configuration: CONFIGURATION, sessionId: SESSION };
const CHOSEN: SelectedEvent = { kind: "chosen", event: "saved" };
const propertiesOf = (
  parts: SpanParts,
  selected: SelectedEvent,
): Readonly<Record<string, unknown>> => spanToEvent(ended(parts), selected, ORIGIN).properties;

describe("the event of a span", () => {
  it("has the span's identity, end time and properties", () => {
    const span = ended({
      resource: { "land.tier": "grove" },
      start: 1_700_000_000_000,
      end: 1_700_000_000_250,
      status: { code: SpanStatusCode.OK },
    });
    const { traceId, spanId } = span.spanContext();
    const event = spanToEvent(span, CHOSEN, ORIGIN);
    expect(event).toMatchObject({
      event: "saved",
      distinctId: "someone",
      timestamp: "2023-11-14T22:13:20.250Z",
      uuid: eventUuid({ traceId, spanId }, "saved"),
    });
    expect(event.properties).toEqual({
      $app: "app",
      $app_version: "1.2.3",
      $build_mode: "release",
      $component: "grove",
      $tier: "grove",
      $node_version: process.version,
      $lib: "land-telemetry",
      $lib_version: expect.any(String),
      $process_person_profile: false,
      $geoip_disable: true,
      $session_id: SESSION,
      $trace_id: traceId,
      $span_id: spanId,
      $parent_span_id: undefined,
      duration_ms: 250,
      status_code: 1,
      span_name: "work",
    });
  });

  it.each<[unknown, string]>([
    ["another", "another"],
    ["", "someone"],
    [7, "someone"],
    [undefined, "someone"],
  ])("belongs, with posthog.distinct_id %p, to %s", (value, owner) => {
    const span = ended({ attributes: { "posthog.distinct_id": value as string } });
    expect(spanToEvent(span, CHOSEN, ORIGIN).distinctId).toBe(owner);
  });

  it("belongs to the session that its resource names, or else to this process's", () => {
    const resource = { "session.id": "hosts-own" };
    const sessionOf = (span: ReadableSpan): unknown =>
      spanToEvent(span, CHOSEN, ORIGIN).properties["$session_id"];
    expect(sessionOf(ended({ resource }))).toBe("hosts-own");
    expect(sessionOf(ended())).toBe(SESSION);
  });

  it("is urgent only for errors and sessions", () => {
    const urgent = (["error", "session", "handler", "chosen"] as const).map(
      (kind) => spanToEvent(ended(), { kind, event: "x" }, ORIGIN).urgent,
    );
    expect(urgent).toEqual([true, true, false, false]);
  });
});

describe("the error of a failed span", () => {
  const exception = { name: "TypeError", message: "refused" };
  it.each<[string, SpanParts, string, string]>([
    [
      "error.type and the exception's message",
      {
        attributes: { "error.type": "NOT_FOUND" },
        exceptions: [exception],
        status: { code: SpanStatusCode.ERROR, message: "status" },
      },
      "NOT_FOUND",
      "refused",
    ],
    ["the exception's type", { exceptions: [exception] }, "TypeError", "refused"],
    [
      "the last exception of several",
      {
        exceptions: [
          { name: "First", message: "one" },
          { name: "Last", message: "two" },
        ],
      },
      "Last",
      "two",
    ],
    [
      "the span's name and the status",
      { status: { code: SpanStatusCode.ERROR, message: "no luck" } },
      "work",
      "no luck",
    ],
    ["the span's name alone", { status: { code: SpanStatusCode.ERROR } }, "work", ""],
    [
      "what is text and not empty",
      {
        attributes: { "error.type": "" },
        exceptions: [{ name: "TypeError" }],
        status: { code: SpanStatusCode.ERROR, message: "status" },
      },
      "TypeError",
      "status",
    ],
    [
      "no number for a type",
      { attributes: { "error.type": 5 }, exceptions: [exception] },
      "TypeError",
      "refused",
    ],
  ])("is taken from %s", (_what, parts, tag, message) => {
    expect(errorProperties(ended(parts))).toEqual({ error_tag: tag, error_message: message });
    expect(propertiesOf(parts, { kind: "error", event: "x" })).toMatchObject({
      error_tag: tag,
      error_message: message,
    });
  });

  it("is not taken from other events of the span", () => {
    const span = ended();
    Object.assign(span, {
      events: [{ name: "log", attributes: { "exception.type": "No" }, time: [0, 0] }],
    });
    expect(errorProperties(span)).toEqual({ error_tag: "work", error_message: "" });
  });
});

describe("the event of a session", () => {
  it("gives the process id, the OS and the architecture as strings", () => {
    expect(
      propertiesOf({ resource: { "process.pid": 8 } }, { kind: "session", event: "x" }),
    ).toMatchObject({ pid: "8", os: expect.any(String), arch: expect.any(String) });
    expect(propertiesOf({}, { kind: "session", event: "x" })).toMatchObject({
      pid: String(process.pid),
    });
  });
});

describe("the event of a handler", () => {
  it("names the feature, and reports whether it succeeded", () => {
    const handler: SelectedEvent = { kind: "handler", event: "x" };
    expect(propertiesOf({ attributes: { "rpc.method": "$hover" } }, handler)).toMatchObject({
      feature: "$hover",
      ok: true,
    });
    expect(propertiesOf({ status: { code: SpanStatusCode.ERROR } }, handler)).toMatchObject({
      feature: "work",
      ok: false,
    });
  });
});
