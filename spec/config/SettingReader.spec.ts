import { parseBoolean, parseChoice, parseNumber, parseText } from "../../lib/config/parsers.js";
import { SettingReader } from "../../lib/config/SettingReader.js";
import type { TelemetryOptions } from "../../lib/config/TelemetryOptions.js";
import { Tier } from "../../lib/resource/Tier.js";
import { keepDiagnostics } from "../support/diagnostics.js";

const { messages, stop } = keepDiagnostics();
beforeEach(() => (messages.length = 0));
afterAll(stop);

const environment = { First: "1", Second: "2", Empty: "", Blank: "  ", Bad: "::", Word: " GZIP " };
const from = (options: Partial<TelemetryOptions> = {}): SettingReader =>
  new SettingReader({ tier: Tier.Air, ...options }, environment);

describe("a setting", () => {
  it("is the option of its name, in a group or not, rather than a variable", () => {
    const reader = from({ shutdownTimeoutMs: 5, posthog: { flushAt: 6 } });
    expect(reader.read("shutdownTimeoutMs", parseNumber, 9, "First")).toBe(5);
    expect(reader.read("posthog.flushAt", parseNumber, 9, "First")).toBe(6);
    expect(reader.sources).toEqual({
      shutdownTimeoutMs: "shutdownTimeoutMs",
      "posthog.flushAt": "posthog.flushAt",
    });
  });

  it("is the first variable that is not blank, which is recorded as its source", () => {
    const reader = from();
    expect(reader.read("n", parseNumber, 9, "Empty", "Blank", "First", "Second")).toBe(1);
    expect(reader.sources["n"]).toBe("First");
    expect(messages).toEqual([]);
  });

  it.each<unknown>([undefined, null, "", "  "])(
    "is the default if it is set nowhere: %p",
    (nothing) => {
      const reader = from({ app: { name: nothing as string } });
      expect(reader.read("app.name", parseText, "d", "Nowhere", "Blank")).toBe("d");
      expect(reader.read("throttle.errorCap", parseNumber, 9)).toBe(9);
      expect(reader.read("b", parseBoolean, true)).toBe(true);
      expect(reader.sources).toEqual({
        "app.name": "default",
        "throttle.errorCap": "default",
        b: "default",
      });
      expect(messages).toEqual([]);
    },
  );

  it("is read from the next place if one holds an unusable value", () => {
    const reader = from({ posthog: { errorTracking: "maybe" as never } });
    expect(reader.read("n", parseNumber, 9, "Bad", "Second")).toBe(2);
    expect(reader.read("posthog.errorTracking", parseBoolean, false, "First")).toBe(true);
    expect(reader.sources).toEqual({ n: "Second", "posthog.errorTracking": "First" });
    expect(messages).toHaveLength(2);
  });

  it("is read without surrounding blanks", () => {
    expect(from().read("t", parseText, "d", "Word")).toBe("GZIP");
    expect(from().read("c", parseChoice(["gzip", "none"], "none"), "none", "Word")).toBe("gzip");
  });

  it("is the default if the environment cannot be read", () => {
    const hostile = new SettingReader(
      { tier: Tier.Air },
      new Proxy(
        {},
        {
          get: () => {
            throw new Error("hostile");
          },
        },
      ),
    );
    expect(hostile.read("n", parseNumber, 9, "A", "B")).toBe(9);
  });
});
