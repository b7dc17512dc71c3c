import { isValidSpanId, isValidTraceId } from "@opentelemetry/api";
import { RandomIds } from "../../lib/tracing/RandomIds.js";

/** More than two pools of random bytes are good for. */
const MANY = 2_000;

describe("RandomIds", () => {
  it.each([
    ["trace", 32, isValidTraceId, () => new RandomIds().generateTraceId],
    ["span", 16, isValidSpanId, () => new RandomIds().generateSpanId],
  ] as const)("gives %s ids of %i digits, none twice, with every digit in every place", (_, length, isValid, maker) => {
    const ids = new RandomIds();
    const make = maker().bind(ids);
    const given = Array.from({ length: MANY }, make);
    expect(given.filter((id) => !isValid(id))).toEqual([]);
    expect(new Set(given).size).toBe(MANY);
    const places = Array.from({ length }, (_digit, at) => new Set(given.map((id) => id[at])).size);
    expect(places).toEqual(Array(length).fill(16));
  });

  (process.platform === "win32" ? it.skip : it)("writes the bytes of the system as they are, each once, and passes over the id of zeros, which is none", () => {
    const fs = process.getBuiltinModule("node:fs");
    const real = fs.readSync;
    const counting = (_fd: number, bytes: NodeJS.ArrayBufferView): number => {
      const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      // The first 16 bytes and eight in the third line are zero.
      view.forEach((_byte, index) => (view[index] = index < 16 || (index >= 32 && index < 40) ? 0 : index));
      return bytes.byteLength;
    };
    (fs as { readSync: unknown }).readSync = counting;
    try {
      const ids = new RandomIds();
      expect(ids.generateTraceId()).toBe("101112131415161718191a1b1c1d1e1f");
      expect(ids.generateSpanId()).toBe("28292a2b2c2d2e2f");
      expect(ids.generateSpanId()).toBe("3031323334353637");
    } finally {
      (fs as { readSync: unknown }).readSync = real;
    }
  });
});
