import { createHash } from "node:crypto";
import fc from "fast-check";
import type { PostHogEvent } from "../../lib/posthog/PostHogEvent.js";
import { eventUuid, processProperties, serializeEvent } from "../../lib/posthog/PostHogEvent.js";
import { createRedactor } from "../../lib/redaction/createRedactor.js";

const KEY = `phx_${"a1B2".repeat(11)}`;
const redactor = createRedactor({});
const EVENT: PostHogEvent = {
  event: "saved",
  distinctId: "someone",
  properties: {},
  timestamp: "2026-01-01T00:00:00.000Z",
  uuid: "u",
  urgent: false,
};
const wire = (more: Partial<PostHogEvent>): unknown =>
  JSON.parse(serializeEvent({ ...EVENT, ...more }, redactor) ?? "null");

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";

describe("eventUuid", () => {
  it("is a version 8 UUID", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (trace, span, event) => {
        expect(eventUuid({ traceId: trace, spanId: span }, event)).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
      }),
    );
  });

  it("is the start of a SHA-256, but for the bits that RFC 9562 fixes, in every process alike", () => {
    const hash = createHash("sha256").update(`${traceId}-${spanId}-land:air:error`).digest();
    hash[6] = 0x80 | ((hash[6] ?? 0) & 0x0f);
    hash[8] = 0x80 | ((hash[8] ?? 0) & 0x3f);
    expect(eventUuid({ traceId, spanId }, "land:air:error").replaceAll("-", "")).toBe(
      hash.toString("hex").slice(0, 32),
    );
  });

  it("is the same for the same span and event, and differs for any other", () => {
    const own = eventUuid({ traceId, spanId }, "land:air:error");
    expect(eventUuid({ traceId, spanId }, "land:air:error")).toBe(own);
    expect(
      new Set([
        own,
        eventUuid({ traceId, spanId }, "$exception"),
        eventUuid({ traceId, spanId: "b7ad6b7169203332" }, "land:air:error"),
        eventUuid({ traceId: `1${traceId.slice(1)}`, spanId }, "land:air:error"),
      ]).size,
    ).toBe(4);
  });
});

describe("an event on the wire", () => {
  it("has only PostHog's own members", () => {
    expect(wire({ properties: { a: 1, b: undefined, c: null } })).toEqual({
      event: "saved",
      distinct_id: "someone",
      properties: { a: 1, c: null },
      timestamp: "2026-01-01T00:00:00.000Z",
      uuid: "u",
    });
  });

  it("is redacted in the values of its properties, but not in its names and identities", () => {
    const kept = Object.fromEntries(
      [
        "$trace_id",
        "$span_id",
        "$parent_span_id",
        "$lib",
        "$lib_version",
        "$tier",
        "$component",
        "$node_version",
      ].map((key) => [key, KEY]),
    );
    const sent = wire({
      event: KEY,
      distinctId: KEY,
      properties: {
        ...kept,
        [KEY]: 1,
        text: `key ${KEY}`,
        password: "hunter2",
        deep: { list: [KEY] },
      },
    }) as { properties: Record<string, unknown> };
    expect(sent).toMatchObject({ event: KEY, distinct_id: KEY, properties: { ...kept, [KEY]: 1 } });
    const { text, password, deep } = sent.properties;
    expect(JSON.stringify([text, password, deep])).not.toMatch(new RegExp(`${KEY}|hunter2`));
  });

  it("is not serialised if it cannot be read", () => {
    expect(
      serializeEvent(
        {
          ...EVENT,
          properties: {
            get a(): never {
              throw new Error("hostile");
            },
          },
        },
        redactor,
      ),
    ).toBeUndefined();
  });
});

describe("the properties of the process in a session start", () => {
  const inProcess = (member: "platform" | "arch", value: string): Record<string, string> => {
    const own = Object.getOwnPropertyDescriptor(process, member) ?? {};
    Object.defineProperty(process, member, { ...own, value });
    try {
      return processProperties(7);
    } finally {
      Object.defineProperty(process, member, own);
    }
  };

  it("include its id as a string", () => {
    expect(processProperties(7)).toMatchObject({ pid: "7" });
  });

  it.each([
    ["darwin", "macos"],
    ["win32", "windows"],
    ["linux", "linux"],
    ["sunos", "solaris"],
    ["freebsd", "freebsd"],
  ])("name the platform %s as Rust does: %s", (platform, os) => {
    expect(inProcess("platform", platform)).toMatchObject({ os });
  });

  it.each([
    ["x64", "x86_64"],
    ["arm64", "aarch64"],
    ["ia32", "x86"],
    ["ppc64", "powerpc64"],
    ["riscv64", "riscv64"],
    ["loong64", "loongarch64"],
    ["arm", "arm"],
    ["s390x", "s390x"],
  ])("name the architecture %s as Rust does: %s", (arch, name) => {
    expect(inProcess("arch", arch)).toMatchObject({ arch: name });
  });
});
