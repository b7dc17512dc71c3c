import type { MirrorEvent } from "../../lib/posthog/MirrorEvent.js";
import { toWireEvent } from "../../lib/posthog/toWireEvent.js";
import { createRedactor } from "../../lib/redaction/createRedactor.js";

const KEY = `phx_${"a1B2".repeat(11)}`;
const redactor = createRedactor({});
const EVENT: MirrorEvent = {
  event: "saved",
  distinctId: "someone",
  properties: {},
  timestamp: "2026-01-01T00:00:00.000Z",
  uuid: "u",
  urgent: false,
};
const wire = (more: Partial<MirrorEvent>): unknown =>
  JSON.parse(toWireEvent({ ...EVENT, ...more }, redactor) ?? "null");

describe("an event as PostHog takes it", () => {
  it("has PostHog's own members and no others", () => {
    expect(wire({ properties: { a: 1, b: undefined, c: null } })).toEqual({
      event: "saved",
      distinct_id: "someone",
      properties: { a: 1, c: null },
      timestamp: "2026-01-01T00:00:00.000Z",
      uuid: "u",
    });
  });

  it("is redacted in what its properties say, but not in its names and identities", () => {
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

  it("is none when it cannot be read", () => {
    expect(
      toWireEvent(
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
