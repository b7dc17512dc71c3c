import type { Attributes } from "@opentelemetry/api";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import type { MirrorSelection } from "../../lib/config/TelemetryOptions.js";
import { selectEvent } from "../../lib/posthog/spanToEvent.js";
import { Tier } from "../../lib/resource/Tier.js";
import type { SpanParts } from "./support.js";
import { ended } from "./support.js";

const failed = { code: SpanStatusCode.ERROR };
const select = (mirror: MirrorSelection, parts: SpanParts) =>
  selectEvent(ended(parts), { mirror, tier: Tier.Cocoon });

describe("the kinds of spans that become events", () => {
  it.each<[string, MirrorSelection, SpanParts, unknown]>([
    ["a failed span", ["error"], { status: failed }, { kind: "error", event: "land:cocoon:error" }],
    ["a span that went well", ["error"], { status: { code: SpanStatusCode.OK } }, undefined],
    ["a failed span, not asked for", ["session", "handler"], { status: failed }, undefined],
    [
      "a session's start",
      ["session"],
      { name: "land:air:session:start" },
      { kind: "session", event: "land:air:session:start" },
    ],
    [
      "a session's end",
      ["session"],
      { name: "land:air:session:end" },
      { kind: "session", event: "land:air:session:end" },
    ],
    [
      "a session's start, not asked for",
      ["error", "handler"],
      { name: "land:air:session:start" },
      undefined,
    ],
    [
      "a session's start that failed",
      ["error", "session"],
      { name: "land:air:session:start", status: failed },
      { kind: "error", event: "land:cocoon:error" },
    ],
    [
      "a failed session's start, without errors",
      ["session"],
      { name: "land:air:session:start", status: failed },
      { kind: "session", event: "land:air:session:start" },
    ],
    [
      "a handler",
      ["handler"],
      { kind: SpanKind.SERVER },
      { kind: "handler", event: "land:cocoon:handler:complete" },
    ],
    ["a handler, not asked for", ["error", "session"], { kind: SpanKind.SERVER }, undefined],
    ["a span of another kind", ["handler"], { kind: SpanKind.CLIENT }, undefined],
    [
      "anything, when nothing was asked for",
      [],
      { name: "land:air:session:start", kind: SpanKind.SERVER, status: failed },
      undefined,
    ],
  ])("%s", (_what, mirror, parts, expected) => {
    expect(select(mirror, parts)).toEqual(expected);
  });

  it.each([
    "land:air:session:pause",
    "land:air:ui:session:start",
    "xland:air:session:start",
    "land:air:session:start:x",
    "land::session:start",
    "land:session:start",
    "session:start",
    "",
  ])("%p does not name a session span", (name) => {
    expect(select(["session"], { name })).toBeUndefined();
  });
});

describe("a function that chooses spans", () => {
  it.each<[string, unknown, SpanParts, unknown]>([
    ["a name", "saved", {}, { kind: "chosen", event: "saved" }],
    [
      "a name, for a failed span",
      "not saved",
      { status: failed },
      { kind: "error", event: "not saved" },
    ],
    ["yes", true, {}, { kind: "chosen", event: "work" }],
    [
      "yes, for a failed span",
      true,
      { status: failed },
      { kind: "error", event: "land:cocoon:error" },
    ],
    [
      "yes, for a session",
      true,
      { name: "land:air:session:end" },
      { kind: "session", event: "land:air:session:end" },
    ],
    ["no", false, { status: failed }, undefined],
    ["an empty name", "", { status: failed }, undefined],
    ["nothing", undefined, { status: failed }, undefined],
    ["null", null, { status: failed }, undefined],
    ["a number", 1, { status: failed }, undefined],
  ])("says %s", (_what, answer, parts, expected) => {
    expect(select(() => answer as boolean, parts)).toEqual(expected);
  });

  it("is given the span", () => {
    const span = ended();
    const mirror = (given: unknown): boolean => given === span;
    expect(selectEvent(span, { mirror, tier: Tier.Cocoon })).toEqual({
      kind: "chosen",
      event: "work",
    });
  });
});

describe("the tier in an event's name", () => {
  it("is that of the span's resource, or else the configured one", () => {
    const selected = (resource: Attributes) =>
      select(["error"], { status: failed, resource })?.event;
    expect(selected({ "land.tier": "grove" })).toBe("land:grove:error");
    expect(selected({ "land.tier": 5 })).toBe("land:cocoon:error");
  });
});
