import type { Receiver } from "./support/receiver.js";
import { plain, startReceiver } from "./support/receiver.js";
import { pipesTo, runApp } from "./support/runApp.js";

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[48][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TRACE_ID = /^[0-9a-f]{32}$/;
const SPAN_ID = /^[0-9a-f]{16}$/;

/** What a program that fails inside two spans sends, as a plain server sees it. */
describe("the wire", () => {
  let receiver: Receiver;
  let before: number;
  let after: number;

  beforeAll(async () => {
    receiver = await startReceiver();
    before = Date.now();
    const { code, stderr } = await runApp(
      `import { captureError, captureEvent, register, shutdown, Tier, withSpan } from "land-telemetry";
       register(Tier.Cocoon);
       try {
         withSpan("land:cocoon:handler", (outer) => {
           captureEvent("land:cocoon:entry:load", { entry: "main", $app: "other", $tier: "forged", $trace_id: "forged" });
           withSpan("land:cocoon:file:read", { attributes: { size: 3, flag: true, list: ["a", "b"] } }, () => {
             throw Object.assign(new TypeError("not there"), { code: "ENOENT" });
           });
         });
       } catch {}
       captureError("settings", "unreadable", { feature: "theme" });
       try { withSpan("land:cocoon:reported", () => { const error = new Error("reported"); captureError("reported", error); throw error; }); } catch {}
       await shutdown(5000);`,
      { env: pipesTo(receiver.url) },
    );
    after = Date.now();
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  afterAll(() => receiver.close());

  const event = (name: string) => {
    const found = receiver.events().filter((candidate) => candidate.event === name);
    expect(found).toHaveLength(1);
    return found[0] as (typeof found)[0];
  };
  const span = (name: string) => {
    const found = receiver.spans().filter((candidate) => candidate.name === name);
    expect(found).toHaveLength(1);
    return found[0] as (typeof found)[0];
  };

  it("posts events and spans where the variables say, and nothing else", () => {
    expect(
      [
        ...new Set(
          receiver.requests.map(
            ({ method, path, headers }) => `${method} ${path} ${headers["content-type"]}`,
          ),
        ),
      ].sort(),
    ).toEqual(["POST /batch/ application/json", "POST /v1/traces application/json"]);
    const body = JSON.parse(
      receiver.requests.find(({ path }) => path === "/batch/")?.body ?? "",
    ) as Record<string, unknown>;
    expect(Object.keys(body).sort()).toEqual(["api_key", "batch", "sent_at"]);
    expect(body["api_key"]).toBe("phc_test");
  });

  it("sends the session start with pid, os and arch as strings, spelt as in Rust", () => {
    const start = event("land:cocoon:session:start");
    const startSpan = span("land:cocoon:session:start");
    expect(start.properties).toEqual({
      $app: "fiddee",
      $app_version: "0.0.1",
      $build_mode: "debug",
      $component: "cocoon",
      $tier: "cocoon",
      $node_version: process.version,
      $lib: "land-telemetry",
      $lib_version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      $process_person_profile: false,
      $geoip_disable: true,
      $session_id: expect.stringMatching(UUID_V7),
      $trace_id: startSpan.traceId,
      $span_id: startSpan.spanId,
      duration_ms: expect.any(Number),
      status_code: 0,
      span_name: "land:cocoon:session:start",
      pid: String(startSpan.resource["process.pid"]),
      os: { darwin: "macos", win32: "windows" }[process.platform as string] ?? process.platform,
      arch: { x64: "x86_64", arm64: "aarch64" }[process.arch as string] ?? process.arch,
    });
    expect(start.distinct_id).toBe("someone");
    expect(start.uuid).toMatch(UUID);
  });

  it("makes the session span last from the start of the process to the end of register", () => {
    const { startTimeUnixNano, endTimeUnixNano } = span("land:cocoon:session:start");
    const [start, end] = [
      Number(BigInt(startTimeUnixNano) / 1_000_000n),
      Number(BigInt(endTimeUnixNano) / 1_000_000n),
    ];
    expect(start).toBeGreaterThanOrEqual(before - 1);
    expect(end).toBeGreaterThan(start);
    expect(end).toBeLessThanOrEqual(after);
    expect(event("land:cocoon:session:start").properties["duration_ms"]).toBeCloseTo(
      end - start,
      -1,
    );
  });

  it("sends one error event for one failure, from the innermost span", () => {
    const inner = span("land:cocoon:file:read");
    const outer = span("land:cocoon:handler");
    const errors = receiver
      .events()
      .filter(
        (candidate) =>
          candidate.event === "land:cocoon:error" &&
          candidate.properties["span_name"] !== undefined,
      );
    expect(errors).toHaveLength(1);
    const [error] = errors;
    expect(error?.properties).toMatchObject({
      $trace_id: inner.traceId,
      $span_id: inner.spanId,
      $parent_span_id: outer.spanId,
      error_tag: "ENOENT",
      error_message: "not there",
      status_code: 2,
      span_name: "land:cocoon:file:read",
    });
    expect(new Date(error?.timestamp ?? "").getTime()).toBe(
      Number(BigInt(inner.endTimeUnixNano) / 1_000_000n),
    );
    expect([inner.status.code, outer.status.code]).toEqual([2, 2]);
  });

  it("puts posthog.event and posthog.distinct_id on mirrored spans, and no posthog.event on others", () => {
    expect(plain(span("land:cocoon:file:read").attributes)).toMatchObject({
      "posthog.event": "land:cocoon:error",
      "posthog.distinct_id": "someone",
      "error.type": "ENOENT",
    });
    expect(Object.keys(plain(span("land:cocoon:handler").attributes))).not.toContain(
      "posthog.event",
    );
  });

  it("stamps a captured event with the active span; the caller's properties win, except for tier and ids", () => {
    const load = event("land:cocoon:entry:load");
    const outer = span("land:cocoon:handler");
    expect(load.properties).toMatchObject({
      entry: "main",
      $app: "other",
      $tier: "cocoon",
      $component: "cocoon",
      $trace_id: outer.traceId,
      $span_id: outer.spanId,
    });
    expect(load.properties).not.toHaveProperty("span_name");
  });

  it("sends captureError's tag and message, and outside any span the session start's ids, marked as such", () => {
    const [error] = receiver
      .events()
      .filter((candidate) => candidate.properties["error_tag"] === "settings");
    expect(error).toMatchObject({
      event: "land:cocoon:error",
      properties: { error_message: "unreadable", feature: "theme" },
    });
    const { traceId, spanId } = span("land:cocoon:session:start");
    expect(error?.properties).toMatchObject({
      $trace_id: traceId,
      $span_id: spanId,
      $trace_source: "session",
    });
    const inSpans = receiver.events().filter((each) => each.properties["$trace_id"] !== traceId);
    expect(inSpans.length).toBeGreaterThan(0);
    for (const { properties } of inSpans) expect(properties).not.toHaveProperty("$trace_source");
  });

  it("makes no second event for an error that captureError reported", () => {
    const errors = receiver
      .events()
      .filter(({ properties }) => properties["error_message"] === "reported");
    expect(
      errors.map(({ properties }) => [properties["error_tag"], properties["$span_id"]]),
    ).toEqual([["reported", span("land:cocoon:reported").spanId]]);
    expect(span("land:cocoon:reported").status.code).toBe(2);
  });

  it("sends spans as OTLP/JSON: ids as hex, times as decimal strings, attributes by type", () => {
    const inner = span("land:cocoon:file:read");
    expect(inner.traceId).toMatch(TRACE_ID);
    expect(inner.spanId).toMatch(SPAN_ID);
    expect(inner.startTimeUnixNano).toMatch(/^\d{19}$/);
    expect(inner.kind).toBe(1);
    expect(inner.attributes).toEqual(
      expect.arrayContaining([
        { key: "size", value: { intValue: 3 } },
        { key: "flag", value: { boolValue: true } },
        {
          key: "list",
          value: { arrayValue: { values: [{ stringValue: "a" }, { stringValue: "b" }] } },
        },
      ]),
    );
    expect(inner.events.map(({ name }) => name)).toEqual(["exception"]);
  });

  it("describes the tier in the resource and the scope, but not the command line or the user", () => {
    const { resource, scope } = span("land:cocoon:handler");
    expect(scope).toBe("land.cocoon");
    expect(resource).toEqual({
      "service.name": "land-editor-cocoon",
      "service.version": "0.0.1",
      "service.instance.id": expect.stringMatching(UUID),
      "land.tier": "cocoon",
      "session.id": expect.stringMatching(UUID_V7),
      "process.pid": expect.any(Number),
      "process.runtime.name": "nodejs",
      "process.runtime.version": process.versions.node,
      "os.type": process.platform,
      "telemetry.sdk.name": "opentelemetry",
      "telemetry.sdk.language": "nodejs",
      "telemetry.sdk.version": expect.any(String),
      "telemetry.distro.name": "land-telemetry",
      "telemetry.distro.version": expect.any(String),
    });
  });

  it("ends the session with the ledger, as a span and as an event", () => {
    const end = plain(span("land:cocoon:session:end").attributes);
    expect(end).toMatchObject({
      "land.ledger.otlp.accepted": 4,
      "land.ledger.posthog.accepted": 5,
      "posthog.event": "land:cocoon:session:end",
    });
    expect(event("land:cocoon:session:end").properties).toMatchObject({
      $trace_id: span("land:cocoon:session:start").traceId,
    });
  });
});
