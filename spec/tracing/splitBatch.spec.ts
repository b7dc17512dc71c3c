import type { Parcel } from "../../lib/delivery/Parcel.js";
import { splitBatch } from "../../lib/tracing/splitBatch.js";

const resource = { attributes: [{ key: "tier", value: { stringValue: "ü" } }] };
const scope = (name: string, ...spans: number[]) => ({
  scope: { name },
  spans: spans.map((n) => ({ n })),
});
const request = (...scopeSpans: object[]) => ({ resourceSpans: [{ resource, scopeSpans }] });
const parcel = (body: object | Uint8Array, count: number): Parcel => ({
  id: "whole",
  count,
  urgent: true,
  contentType: "application/json",
  body: body instanceof Uint8Array ? body : JSON.stringify(body),
});
const read = ({ body }: Parcel) => JSON.parse(body as string) as unknown;

describe("splitBatch", () => {
  it("gives halves with the resource and the scopes of their spans", () => {
    const [first, second, ...more] =
      splitBatch(parcel(request(scope("a", 1, 2), scope("b", 3, 4, 5)), 5)) ?? [];
    expect(more).toEqual([]);
    expect(read(first as Parcel)).toEqual(request(scope("a", 1, 2)));
    expect(read(second as Parcel)).toEqual(request(scope("b", 3, 4, 5)));
    expect([first, second]).toEqual([
      expect.objectContaining({ count: 2, urgent: true, contentType: "application/json" }),
      expect.objectContaining({ count: 3, urgent: true }),
    ]);
    expect(new Set([first?.id, second?.id, "whole"]).size).toBe(3);
  });

  it("cuts within a scope, over several resources, and reads bytes", () => {
    const two = {
      resourceSpans: [
        ...request(scope("a", 1, 2, 3)).resourceSpans,
        ...request(scope("b", 4, 5), scope("c", 6)).resourceSpans,
      ],
    };
    const halves = splitBatch(parcel(Buffer.from(JSON.stringify(two)), 6)) ?? [];
    expect(halves.map(read)).toEqual([
      request(scope("a", 1, 2, 3)),
      request(scope("b", 4, 5), scope("c", 6)),
    ]);
    expect((splitBatch(halves[0] as Parcel) ?? []).map(read)).toEqual([
      request(scope("a", 1)),
      request(scope("a", 2, 3)),
    ]);
  });

  it("leaves a single span whole", () => {
    expect(splitBatch(parcel(request(scope("a", 1)), 1))).toBeUndefined();
  });

  it("throws on what is no JSON, which the courier takes for a no", () => {
    expect(() => splitBatch(parcel(Uint8Array.of(10, 1, 7), 2))).toThrow();
  });
});
