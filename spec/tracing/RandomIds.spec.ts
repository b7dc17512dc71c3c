import { isValidSpanId, isValidTraceId } from "@opentelemetry/api";
import { RandomIds } from "../../lib/tracing/RandomIds.js";

const MANY = 2_000;

describe("RandomIds", () => {
  it.each([
    ["trace", 32, isValidTraceId, () => new RandomIds().generateTraceId],
    ["span", 16, isValidSpanId, () => new RandomIds().generateSpanId],
  ] as const)(
    "gives %s ids of %i digits, none twice, with every digit in every place",
    (_, length, isValid, maker) => {
      const ids = new RandomIds();
      const make = maker().bind(ids);
      const given = Array.from({ length: MANY }, make);
      expect(given.filter((id) => !isValid(id))).toEqual([]);
      expect(new Set(given).size).toBe(MANY);
      const places = Array.from(
        { length },
        (_digit, at) => new Set(given.map((id) => id[at])).size,
      );
      expect(places).toEqual(Array(length).fill(16));
    },
  );

  it("writes each bit of the words once, and passes over the id of zeros, which is none", () => {
    const words = [
      0,
      0,
      0,
      0,
      0x13_12_11_10,
      0x17_16_15_14,
      0x1b_1a_19_18,
      0x9f_1e_1d_1c | 0,
      0,
      0,
      0,
      0xff_00_00_00 | 0,
      0x33_32_31_30,
      0x37_36_35_34,
    ];
    const ids = new RandomIds({ next: () => words.shift() ?? 0 });
    expect(ids.generateTraceId()).toBe("101112131415161718191a1b1c1d1e9f");
    expect(ids.generateSpanId()).toBe("00000000000000ff");
    expect(ids.generateSpanId()).toBe("3031323334353637");
  });
});
