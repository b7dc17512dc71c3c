import fc from "fast-check";
import { eventUuid } from "../../lib/posthog/eventUuid.js";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";

describe("eventUuid", () => {
  it("is a version 8 UUID", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (trace, span, event) => {
        expect(eventUuid(trace, span, event)).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
      }),
    );
  });

  it("is the same for the same span and event, and another for any other", () => {
    const own = eventUuid(traceId, spanId, "land:air:error");
    expect(eventUuid(traceId, spanId, "land:air:error")).toBe(own);
    expect(
      new Set([
        own,
        eventUuid(traceId, spanId, "$exception"),
        eventUuid(traceId, "b7ad6b7169203332", "land:air:error"),
        eventUuid(`1${traceId.slice(1)}`, spanId, "land:air:error"),
      ]).size,
    ).toBe(4);
  });
});
